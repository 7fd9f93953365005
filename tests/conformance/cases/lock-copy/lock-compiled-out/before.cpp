class A { std::mutex m_m; std::vector<Listener*> m_all; };
void A::Run()
{
#if 0
    std::lock_guard<std::mutex> g(m_m);
#endif
    for (Listener* each : m_all)
        each->Tick();
}

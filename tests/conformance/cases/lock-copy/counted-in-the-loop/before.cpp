class A { std::mutex m_m; std::vector<Listener*> m_all; uint32 m_ticks; };
void A::Run()
{
    std::lock_guard<std::mutex> g(m_m);
    for (Listener* each : m_all)
    {
        each->Tick();
        ++m_ticks;
    }
}

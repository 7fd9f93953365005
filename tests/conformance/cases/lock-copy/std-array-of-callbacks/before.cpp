struct A { std::mutex m_m; std::array<std::function<void(int)>, 4> m_hooks; void Run(int t); };
void A::Run(int t)
{
    std::scoped_lock g{m_m};
    for (auto& hook : m_hooks)
        if (hook)
            hook(t);
}

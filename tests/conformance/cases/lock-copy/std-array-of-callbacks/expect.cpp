struct A { std::mutex m_m; std::array<std::function<void(int)>, 4> m_hooks; void Run(int t); };
void A::Run(int t)
{
    std::unique_lock g{m_m};
    auto hooks = m_hooks;
    g.unlock();

    for (auto& hook : hooks)
        if (hook)
            hook(t);
}

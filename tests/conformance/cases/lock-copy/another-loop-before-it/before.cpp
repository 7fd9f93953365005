class Bus
{
    void Tick()
    {
        std::lock_guard<std::mutex> guard(m_lock);
        for (auto const& sub : m_first)
            sub->OnTick();
        for (auto const& sub : m_second)
            sub->OnTick();
    }
    std::mutex m_lock;
    std::vector<std::shared_ptr<Sub>> m_first;
    std::vector<std::shared_ptr<Sub>> m_second;
};

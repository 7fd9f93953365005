class Hub
{
    void Flush()
    {
        std::lock_guard<std::mutex> guard(m_lock);
        for (auto const& link : m_links)
            link->FlushLocked();
    }
    std::mutex m_lock;
    std::vector<std::shared_ptr<Link>> m_links;
};

class WatcherMgr
{
public:
    void Announce(Position const& where);

private:
    typedef std::map<uint32, std::shared_ptr<Watcher>> WatcherMap;

    WatcherMap m_watchers;
    std::recursive_mutex m_watchersLock;
};

void WatcherMgr::Announce(Position const& where)
{
    std::unique_lock<std::recursive_mutex> guard(m_watchersLock);
    auto watchers = m_watchers;
    guard.unlock();

    for (WatcherMap::const_iterator itr = watchers.begin(); itr != watchers.end(); ++itr)
    {
        if (!itr->second)
            continue;

        itr->second->OnMoved(itr->first, where);
    }
}

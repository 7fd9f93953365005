struct WatcherMgr
{
    std::vector<Watcher*> _watchers;
    std::mutex _lock;
};

void WatcherMgr::Announce(Position const& where)
{
    std::unique_lock<std::mutex> lock(_lock);
    if (where.IsPositionValid())
    {
        auto watchers = _watchers;
        lock.unlock();

        for (std::size_t i = 0; i < watchers.size(); ++i)
            watchers[i]->OnMoved(i, where);
    }
}

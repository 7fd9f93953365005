struct WatcherMgr
{
    std::vector<Watcher*> _watchers;
    std::mutex _lock;
};

void WatcherMgr::Announce(Position const& where)
{
    std::unique_lock<std::mutex> lock(_lock);
    if (where.IsPositionValid())
        for (std::size_t i = 0; i < _watchers.size(); ++i)
            _watchers[i]->OnMoved(i, where);
}

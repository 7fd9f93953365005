struct WatcherMgr
{
    std::vector<Watcher*> _watchers;
    std::mutex _lock;
    std::size_t _next = 0;
};

void WatcherMgr::Announce(Position const& where)
{
    std::lock_guard<std::mutex> lock(_lock);
    for (std::size_t i = _next; i < _watchers.size(); ++i)
    {
        _watchers[i]->OnMoved(where);
        _next = i;
    }
}

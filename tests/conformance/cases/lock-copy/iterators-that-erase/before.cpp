struct WatcherMgr
{
    std::vector<std::shared_ptr<Watcher>> _watchers;
    std::mutex _lock;
};

void WatcherMgr::Announce(Position const& where)
{
    std::lock_guard<std::mutex> lock(_lock);
    for (auto it = _watchers.begin(); it != _watchers.end();)
    {
        if ((*it)->OnMoved(where))
            it = _watchers.erase(it);
        else
            ++it;
    }
}

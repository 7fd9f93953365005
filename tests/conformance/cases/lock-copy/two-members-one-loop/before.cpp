void Registry::Drop(uint32 id)
{
    std::lock_guard<std::mutex> lock(_observersLock);
    for (Observer* each : _observers)
        each->OnDrop(id);
}

void Registry::Add(uint32 id)
{
    std::lock_guard<std::mutex> lock(_watchersLock);
    for (Watcher* each : _watchers)
        each->OnAdd(id);
}

void Registry::Drop(uint32 id)
{
    std::unique_lock<std::mutex> lock(_observersLock);
    auto const observers = _observers;
    lock.unlock();

    for (Observer* each : observers)
        each->OnDrop(id);
}

void Registry::Add(uint32 id)
{
    std::lock_guard<std::mutex> lock(_watchersLock);
    for (Watcher* each : _watchers)
        each->OnAdd(id);
}

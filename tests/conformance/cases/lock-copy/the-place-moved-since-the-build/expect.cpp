void Notifier::Add(Listener* listener)
{
    std::lock_guard<std::mutex> lock(_mutex);
    _listeners.push_back(listener);
}

void Notifier::Tell()
{
    std::unique_lock<std::mutex> lock(_mutex);
    auto const listeners = _listeners;
    lock.unlock();

    for (auto* listener : listeners)
        listener->OnChange();
}

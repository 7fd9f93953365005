void Notifier::Tell(Event const& event)
{
    std::unique_lock<std::mutex> lock(_mutex);
    auto const listeners = _listeners;
    lock.unlock();

    for (Listener* listener : listeners)
        listener->OnChange(event);
}

void Notifier::Add(Listener* listener)
{
    std::lock_guard<std::mutex> lock(_mutex);
    _listeners.push_back(listener);
}

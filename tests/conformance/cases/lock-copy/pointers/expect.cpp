void Notifier::Tell(Event const& event)
{
    std::unique_lock<std::mutex> lock(_mutex);
    auto const listeners = _listeners;
    lock.unlock();

    for (Listener* listener : listeners)
        listener->OnChange(event);
}

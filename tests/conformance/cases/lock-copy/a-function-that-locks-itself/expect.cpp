void Notifier::Tell()
{
    std::unique_lock<std::recursive_mutex> lock(_mutex);
    auto const listeners = _listeners;
    lock.unlock();

    for (Listener* listener : listeners)
        Send(listener);
}

void Notifier::Send(Listener* listener)
{
    std::lock_guard<std::recursive_mutex> lock(_mutex);
    listener->OnChange(_count++);
}

void Notifier::Tell()
{
    std::unique_lock<std::mutex> lock(_mutex);
    auto const listeners = _listeners;
    lock.unlock();

    for (Listener* listener : listeners)
        listener->OnChange();
}

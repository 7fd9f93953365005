void Notifier::Tell(bool isLoud)
{
    std::unique_lock<std::mutex> lock(_mutex);
    if (isLoud)
    {
        auto const listeners = _listeners;
        lock.unlock();

        for (Listener* listener : listeners)
            listener->OnChange();
    }
    else
        _pending = true;
}

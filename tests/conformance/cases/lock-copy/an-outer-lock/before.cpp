void Notifier::Tell()
{
    std::lock_guard<std::mutex> outer(_stateMutex);
    if (_isOpen)
    {
        std::lock_guard<std::mutex> lock(_mutex);
        for (Listener* listener : _listeners)
            listener->OnChange();
    }
}

void Notifier::Flush()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : _listeners)
        listener->OnChange();
    _listeners.clear();
}

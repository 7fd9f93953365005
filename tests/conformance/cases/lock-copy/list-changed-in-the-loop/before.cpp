void Notifier::Tell()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : _listeners)
    {
        if (listener->OnChange())
            _done.push_back(listener);
    }
}

void Notifier::Add(Listener* listener)
{
    std::lock_guard<std::mutex> lock(_mutex);
    _listeners.push_back(listener);
}

void Notifier::Tell()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (auto* listener : _listeners)
        listener->OnChange();
}

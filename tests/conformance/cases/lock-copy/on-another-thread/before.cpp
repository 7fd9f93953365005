void Notifier::Tell(Event const& event)
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : _listeners)
        listener->OnChange(event);
}

void Notifier::Add(Listener* listener)
{
    std::lock_guard<std::mutex> lock(_mutex);
    _listeners.push_back(listener);
}

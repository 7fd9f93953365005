void Notifier::Tell(Event const& event)
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : _listeners)
        listener->OnChange(event);
}

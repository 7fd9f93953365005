void Notifier::Tell()
{
    std::lock_guard<std::recursive_mutex> lock(_mutex);
    for (Listener* listener : _listeners)
        Send(listener);
}

void Notifier::Send(Listener* listener)
{
    std::lock_guard<std::recursive_mutex> lock(_mutex);
    listener->OnChange(_count++);
}

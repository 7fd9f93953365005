Listener::~Listener()
{
    sNotifier->Remove(this);
}

void Notifier::Remove(Listener* listener)
{
    std::lock_guard<std::mutex> lock(_mutex);
    _listeners.erase(listener);
}

void Notifier::Tell()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : _listeners)
        listener->OnChange();
}

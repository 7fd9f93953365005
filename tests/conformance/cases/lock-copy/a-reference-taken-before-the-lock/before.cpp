void Notifier::Tell(uint32 id)
{
    Entry& entry = _entries[id];
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : _listeners)
        listener->OnChange(entry.state);
}

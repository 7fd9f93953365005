void Notifier::Tell(uint32 id)
{
    std::lock_guard<std::mutex> lock(_mutex);
    Entry& entry = _entries[id];
    for (Listener* listener : _listeners)
        listener->OnChange(entry.state);
}

void Notifier::Tell()
{
    auto& listeners = _listeners;
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : listeners)
        listener->OnChange();
}

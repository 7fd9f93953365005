void Notifier::Tell()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (auto* listener : _listeners)
        listener->OnChange();
}

void Notifier::Close()
{
    std::lock_guard<std::mutex> lock(_mutex);
    _server->Flush();
}

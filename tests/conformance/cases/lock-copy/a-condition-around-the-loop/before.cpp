void Notifier::Tell(bool isLoud)
{
    std::lock_guard<std::mutex> lock(_mutex);
    if (isLoud)
        for (Listener* listener : _listeners)
            listener->OnChange();
    else
        _pending = true;
}

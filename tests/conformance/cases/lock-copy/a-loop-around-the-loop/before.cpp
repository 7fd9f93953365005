void Notifier::Tell(int times)
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (int i = 0; i < times; ++i)
    {
        for (Listener* listener : _listeners)
            listener->OnChange(i);
    }
}

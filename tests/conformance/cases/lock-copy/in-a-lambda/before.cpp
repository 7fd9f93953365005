void Notifier::Start()
{
    _pool.Enqueue([this](int tick)
    {
        std::lock_guard<std::mutex> lock(_mutex);
        for (Listener* each : _listeners)
            each->OnTick(tick);
    });
}

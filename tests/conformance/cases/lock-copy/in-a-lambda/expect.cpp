void Notifier::Start()
{
    _pool.Enqueue([this](int tick)
    {
        std::unique_lock<std::mutex> lock(_mutex);
        auto const listeners = _listeners;
        lock.unlock();

        for (Listener* each : listeners)
            each->OnTick(tick);
    });
}

class Hub2
{
public:
    void Tick(int t)
    {
        std::lock_guard<std::mutex> lock(_mutex);
        for (Listener* each : _listeners)
            if (each)
                each->OnTick(t);
    }
    std::mutex _mutex;
    Listener* _listeners[8] = {};
};

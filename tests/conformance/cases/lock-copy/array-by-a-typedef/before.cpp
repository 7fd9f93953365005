typedef Listener* Slots[4];

class Hub
{
public:
    void Tick(int t)
    {
        std::lock_guard<std::mutex> lock(_mutex);
        for (Listener* each : _slots)
            if (each) each->OnTick(t);
    }

    
private:
    mutable std::mutex _mutex;
    Slots _slots = {};
};

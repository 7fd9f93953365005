class Ticker
{
public:
    void Tick(uint32 diff)
    {
        std::lock_guard<std::mutex> guard(m_lock);
        for (Plugin* each : m_plugins)
        {
            if (!each)
                continue;

            each->OnTick(diff);
        }
    }

private:
    std::mutex m_lock;
    std::array<Plugin*, 16> m_plugins{};
};

class Ticker
{
public:
    void Tick(uint32 diff)
    {
        std::unique_lock<std::mutex> guard(m_lock);
        auto const plugins = m_plugins;
        guard.unlock();

        for (Plugin* each : plugins)
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

using Slots = std::array<std::shared_ptr<Plugin>, MAX_PLUGINS>;

class Ticker
{
public:
    void Tick(uint32 diff);

private:
    mutable std::mutex m_lock;
    Slots m_slots;
};

void Ticker::Tick(uint32 diff)
{
    std::unique_lock<std::mutex> guard(m_lock);

    for (auto const& slot : m_slots)
        if (slot)
            slot->OnTick(diff);
}

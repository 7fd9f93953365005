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

    auto const slots = m_slots;
    guard.unlock();

    for (auto const& slot : slots)
        if (slot)
            slot->OnTick(diff);
}

#include <functional>
#include <map>
#include <mutex>

class Signal
{
    std::mutex m_mutex;
    std::map<uint32, std::function<void(uint32)>> m_slots;
public:
    void Fire(uint32 value);
    void Disconnect(uint32 id);   // after it the slot is never called again
};

void Signal::Fire(uint32 value)
{
    std::lock_guard<std::mutex> lock(m_mutex);
    for (auto const& [id, slot] : m_slots)
        slot(value);
}

void Signal::Disconnect(uint32 id)
{
    std::lock_guard<std::mutex> lock(m_mutex);
    m_slots.erase(id);
}

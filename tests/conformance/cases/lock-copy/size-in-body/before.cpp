#include <memory>
#include <mutex>
#include <vector>

class Queue
{
    std::mutex m_mutex;
    std::vector<std::shared_ptr<BotSession>> m_waiting;
public:
    void Inform();
};

void Queue::Inform()
{
    std::lock_guard<std::mutex> lock(m_mutex);
    uint32 place = 0;
    for (auto const& session : m_waiting)
        session->SendPlace(++place, m_waiting.size());
}

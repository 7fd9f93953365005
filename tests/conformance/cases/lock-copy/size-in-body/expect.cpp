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
    std::unique_lock<std::mutex> lock(m_mutex);
    uint32 place = 0;
    auto const waiting = m_waiting;
    lock.unlock();

    for (auto const& session : waiting)
        session->SendPlace(++place, waiting.size());
}

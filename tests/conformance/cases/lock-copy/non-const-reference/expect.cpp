#include <memory>
#include <mutex>
#include <vector>

class Drum
{
    std::mutex m_mutex;
    std::vector<std::shared_ptr<BotSession>> m_players;
public:
    void Roll(uint32 diff);
};

void Drum::Roll(uint32 diff)
{
    std::unique_lock<std::mutex> lock(m_mutex);
    auto players = m_players;
    lock.unlock();

    for (std::shared_ptr<BotSession>& player : players)
        player->Roll(diff);
}

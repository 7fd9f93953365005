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
    std::lock_guard<std::mutex> lock(m_mutex);
    for (std::shared_ptr<BotSession>& player : m_players)
        player->Roll(diff);
}

#include <memory>
#include <mutex>
#include <vector>

class Chorus
{
    std::recursive_mutex m_mutex;
    std::vector<std::shared_ptr<BotSession>> m_singers;
    void SingAll(uint32 song);
public:
    void Start(uint32 song);
};

void Chorus::Start(uint32 song)
{
    std::lock_guard<std::recursive_mutex> lock(m_mutex);
    TC_LOG_DEBUG("bots", "song {}", song);
    SingAll(song);
}

void Chorus::SingAll(uint32 song)
{
    std::lock_guard<std::recursive_mutex> lock(m_mutex);
    for (auto const& singer : m_singers)
        singer->Sing(song);
}

#include <memory>
#include <mutex>
#include <vector>

class Echoes
{
    mutable std::mutex m_mutex;
    std::vector<std::weak_ptr<Listener>> m_listeners;
    uint32 m_rounds = 0;
public:
    void Call(std::string const& word);
};

void Echoes::Call(std::string const& word)
{
    std::lock_guard<std::mutex> lock(m_mutex);
    ++m_rounds;
    for (std::weak_ptr<Listener> const& weak : m_listeners)
    {
        if (auto listener = weak.lock())
            listener->Hear(word);
    }
}

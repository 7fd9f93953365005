#include <mutex>
#include <vector>

static std::mutex s_hooksMutex;
static std::vector<std::function<void(Player*)>> s_hooks;

void RunLoginHooks(Player* player)
{
    std::unique_lock<std::mutex> lock(s_hooksMutex);
    auto const hooks = s_hooks;
    lock.unlock();

    for (auto const& hook : hooks)
        hook(player);
}

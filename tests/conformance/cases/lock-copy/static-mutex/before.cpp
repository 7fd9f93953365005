#include <mutex>
#include <vector>

static std::mutex s_hooksMutex;
static std::vector<std::function<void(Player*)>> s_hooks;

void RunLoginHooks(Player* player)
{
    std::lock_guard<std::mutex> lock(s_hooksMutex);
    for (auto const& hook : s_hooks)
        hook(player);
}

#include <algorithm>
#include "RaidTools.h"

std::size_t RaidTools::Living(std::vector<ObjectGuid> const& roster)
{
    auto const alive = std::count_if(roster.begin(), roster.end(), [](ObjectGuid const& guid)
    {
        Player* member = ObjectAccessor::FindPlayer(guid);
        return member->IsAlive() && !member->IsGameMaster();
    });
    return static_cast<std::size_t>(alive);
}

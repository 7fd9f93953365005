#include "ObjectAccessor.h"
#include "Player.h"
#include <mutex>

namespace
{
    std::mutex Lock;
    std::map<ObjectGuid, Player*> Players;
}

void ObjectAccessor::AddObject(Player* player)
{
    std::lock_guard<std::mutex> guard(Lock);
    Players[player->GetGUID()] = player;
}

void ObjectAccessor::RemoveObject(Player* player)
{
    std::lock_guard<std::mutex> guard(Lock);
    auto const itr = Players.find(player->GetGUID());
    if (itr != Players.end() && itr->second == player)
        Players.erase(itr);
}

Player* ObjectAccessor::FindConnectedPlayer(ObjectGuid guid)
{
    std::lock_guard<std::mutex> guard(Lock);
    auto const itr = Players.find(guid);
    return itr == Players.end() ? nullptr : itr->second;
}

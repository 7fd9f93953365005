#include "Map.h"
#include "Errors.h"
#include "Player.h"
#include <algorithm>

void Map::AddPlayerToMap(Player* player)
{
    ASSERT(!player->IsInWorld());
    m_players.push_back(player);
    player->SetMap(this);
}

void Map::RemovePlayerFromMap(Player* player)
{
    auto const itr = std::find(m_players.begin(), m_players.end(), player);
    ASSERT(itr != m_players.end());

    // The update of one player may remove the next
    if (itr == m_mapRefIter)
        ++m_mapRefIter;

    m_players.erase(itr);
    player->SetMap(nullptr);
}

void Map::Update(uint32 diff)
{
    for (m_mapRefIter = m_players.begin(); m_mapRefIter != m_players.end();)
    {
        Player* player = *m_mapRefIter++;
        player->Update(diff);
    }
}

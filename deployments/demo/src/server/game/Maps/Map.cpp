#include "Map.h"
#include "Errors.h"
#include "Player.h"

void Map::AddPlayerToMap(Player* player)
{
    ASSERT(!player->IsInWorld());
    m_mapRefManager.insert(player->GetMapRef(), player);
    player->AddToWorld(this);
}

void Map::RemovePlayerFromMap(Player* player)
{
    ASSERT(player->GetMap() == this);

    // The update of one player may remove the next
    MapReference* const reference = &player->GetMapRef();
    if (reference == m_mapRefIter)
        m_mapRefIter = reference->next();
    if (reference == m_visibilityIter)
        m_visibilityIter = reference->prev();

    player->RemoveFromWorld();
}

void Map::Update(uint32 diff)
{
    for (m_mapRefIter = m_mapRefManager.getFirst(); m_mapRefIter != m_mapRefManager.end();)
    {
        Player* player = m_mapRefIter->GetSource();
        m_mapRefIter = m_mapRefIter->next();
        player->Update(diff);
    }

    m_visibilityIter = m_visibilityIter ? m_visibilityIter->next() : m_mapRefManager.getFirst();
    if (m_visibilityIter != m_mapRefManager.end())
        if (Player* player = m_visibilityIter->GetSource())
            player->UpdateVisibility(static_cast<uint32>(GetPlayersCount()));
}

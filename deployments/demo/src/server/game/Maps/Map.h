#ifndef TRINITYCORE_MAP_H
#define TRINITYCORE_MAP_H

#include "Define.h"
#include "DynamicTree.h"
#include "MapReference.h"

class Player;

class Map
{
public:
    explicit Map(uint32 id) : m_id(id) { }

    void AddPlayerToMap(Player* player);
    void RemovePlayerFromMap(Player* player);
    void Update(uint32 diff);
    float GetHeight(float x) const { return m_dynamicTree.getHeight(x); }
    DynamicMapTree& GetDynamicTree() { return m_dynamicTree; }

    uint32 GetId() const { return m_id; }
    std::size_t GetPlayersCount() const { return m_mapRefManager.getSize(); }

private:
    uint32 m_id;
    MapRefManager m_mapRefManager;
    DynamicMapTree m_dynamicTree;
    /// The player whose turn it is, or whose turn is next
    MapReference* m_mapRefIter = nullptr;
    /// Who looked around last: one player does in each tick
    MapReference* m_visibilityIter = nullptr;
};

#endif

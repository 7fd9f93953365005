#ifndef TRINITYCORE_MAP_H
#define TRINITYCORE_MAP_H

#include "Define.h"
#include <list>

class Player;

class Map
{
public:
    explicit Map(uint32 id) : m_id(id) { }

    void AddPlayerToMap(Player* player);
    void RemovePlayerFromMap(Player* player);
    void Update(uint32 diff);

    uint32 GetId() const { return m_id; }
    std::size_t GetPlayersCount() const { return m_players.size(); }

private:
    uint32 m_id;
    std::list<Player*> m_players;
    std::list<Player*>::iterator m_mapRefIter = m_players.end();
};

#endif

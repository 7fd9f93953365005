#ifndef TRINITYCORE_MAPREFERENCE_H
#define TRINITYCORE_MAPREFERENCE_H

#include <cstddef>

class Player;

/// A player's place in the list of its map. Unlinked, it leads nowhere.
class MapReference
{
public:
    MapReference() = default;
    MapReference(MapReference const&) = delete;
    MapReference& operator=(MapReference const&) = delete;
    ~MapReference() { unlink(); }

    void link(MapReference& before, Player* source)
    {
        m_source = source;
        m_next = &before;
        m_prev = before.m_prev;
        m_prev->m_next = this;
        before.m_prev = this;
    }

    void unlink()
    {
        if (m_prev)
            m_prev->m_next = m_next;
        if (m_next)
            m_next->m_prev = m_prev;
        m_prev = m_next = nullptr;
    }

    MapReference* next() const { return m_next; }
    MapReference* prev() const { return m_prev; }
    Player* GetSource() const { return m_source; }

protected:
    MapReference* m_prev = nullptr;
    MapReference* m_next = nullptr;
    Player* m_source = nullptr;
};

/// The list of a map's players; its end is a reference without a player.
class MapRefManager : private MapReference
{
public:
    MapRefManager() { m_prev = m_next = this; }
    ~MapRefManager() { m_prev = m_next = nullptr; }

    void insert(MapReference& reference, Player* player) { reference.link(*this, player); }
    MapReference* getFirst() const { return m_next; }
    MapReference const* end() const { return this; }

    std::size_t getSize() const
    {
        std::size_t size = 0;
        for (MapReference const* itr = m_next; itr != this; itr = itr->next())
            ++size;
        return size;
    }
};

#endif

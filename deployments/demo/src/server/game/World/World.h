#ifndef TRINITYCORE_WORLD_H
#define TRINITYCORE_WORLD_H

#include "EventProcessor.h"
#include "MapUpdater.h"
#include <atomic>
#include <map>
#include <memory>
#include <vector>

class Map;
class Player;
class WorldSession;

class World
{
public:
    World();
    ~World();

    static World* instance();
    static void StopNow() { m_stopEvent = true; }
    static bool IsStopped() { return m_stopEvent; }

    void SetInitialWorldSettings();
    void Update(uint32 diff);
    void UpdateSessions(uint32 diff);
    WorldSession* AddSession(std::unique_ptr<WorldSession> session);
    std::size_t GetActiveSessionCount() const { return m_sessions.size(); }
    /// Keeps a player that has left until the maps have been updated.
    void DeleteLater(std::unique_ptr<Player> player);
    /// Ends all sessions and the map threads.
    void Halt();

    Map* CreateMap(uint32 mapId);
    void SetSocketTimeOut(Milliseconds timeOut) { m_socketTimeOut = static_cast<uint32>(timeOut.count()); }
    uint32 GetSocketTimeOut() const { return m_socketTimeOut; }
    void SetMaxCoreStuckTime(Milliseconds time) { m_maxCoreStuckTime = time; }
    Milliseconds GetMaxCoreStuckTime() const { return m_maxCoreStuckTime; }

    /// Run on the world thread, before the sessions and the maps.
    EventProcessor m_Events;

    static std::atomic<uint32> m_worldLoopCounter;

private:
    static std::atomic<bool> m_stopEvent;

    std::vector<std::unique_ptr<WorldSession>> m_sessions;
    std::map<uint32, std::unique_ptr<Map>> m_maps;
    MapUpdater m_updater;
    std::vector<std::unique_ptr<Player>> m_deletedPlayers;
    uint32 m_socketTimeOut = 60000;
    Milliseconds m_maxCoreStuckTime = 60s;
};

#define sWorld World::instance()

#endif

#include "World.h"
#include "Log.h"
#include "Map.h"
#include "Player.h"
#include "WorldSession.h"

std::atomic<uint32> World::m_worldLoopCounter(0);
std::atomic<bool> World::m_stopEvent(false);

World::World() = default;
World::~World() = default;

World* World::instance()
{
    static World world;
    return &world;
}

void World::SetInitialWorldSettings()
{
    TC_LOG_INFO("server.loading", "Initializing Scripts...");
    TC_LOG_INFO("server.loading", "Loading spells, auras and loot...");
    TC_LOG_ERROR("sql.sql", "Loot template 24061 refers to item 50818, which does not exist; skipped");
    TC_LOG_WARN("server.loading", "Map 530 has no vmap tiles, line of sight is off there");
    TC_LOG_ERROR("sql.sql", "Creature 26499 has spell 50900, which does not exist; set to 0");
    TC_LOG_INFO("server.loading", "Starting Map System");
    m_updater.Activate();
    TC_LOG_INFO("playerbot", "Playerbot module enabled");
    TC_LOG_INFO("server.worldserver", "World initialized in 0 minutes 0 seconds");
}

void World::Update(uint32 diff)
{
    m_Events.Update(diff);

    /// Sessions first: the packets of this tick take effect before the maps move on
    UpdateSessions(diff);

    for (auto const& [mapId, map] : m_maps)
        m_updater.ScheduleUpdate(*map, diff);
    m_updater.WaitForMaps();
    m_deletedPlayers.clear();
}

void World::UpdateSessions(uint32 diff)
{
    for (auto itr = m_sessions.begin(); itr != m_sessions.end();)
    {
        WorldSession* session = itr->get();
        if (session->Update(diff))
            ++itr;
        else
            itr = m_sessions.erase(itr);
    }
}

WorldSession* World::AddSession(std::unique_ptr<WorldSession> session)
{
    m_sessions.push_back(std::move(session));
    return m_sessions.back().get();
}

void World::DeleteLater(std::unique_ptr<Player> player)
{
    m_deletedPlayers.push_back(std::move(player));
}

void World::Halt()
{
    m_updater.Deactivate();
    m_Events.KillAllEvents();
    m_sessions.clear();
    m_deletedPlayers.clear();
    m_maps.clear();
}

Map* World::CreateMap(uint32 mapId)
{
    std::unique_ptr<Map>& map = m_maps[mapId];
    if (!map)
        map = std::make_unique<Map>(mapId);
    return map.get();
}

#include "BotSessionMgr.h"
#include "Log.h"
#include "Player.h"
#include "WorldSession.h"
#include <algorithm>

BotSessionMgr* BotSessionMgr::instance()
{
    static BotSessionMgr manager;
    return &manager;
}

void BotSessionMgr::AddSession(WorldSession* session)
{
    std::lock_guard<std::mutex> lock(m_lock);
    m_sessions.push_back(session);
}

void BotSessionMgr::AddListener(std::shared_ptr<BotSessionListener> listener)
{
    std::lock_guard<std::mutex> lock(m_lock);
    m_listeners.push_back(std::move(listener));
}

std::size_t BotSessionMgr::GetSessionCount()
{
    std::lock_guard<std::mutex> lock(m_lock);
    return m_sessions.size();
}

void BotSessionMgr::TellListeners(std::size_t count)
{
    std::lock_guard<std::mutex> lock(m_lock);
    for (std::shared_ptr<BotSessionListener> const& listener : m_listeners)
        listener->OnBotCount(count);
}

void BotSessionMgr::Logout(WorldSession* session)
{
    Player* player = session->GetPlayer();
    if (!player)
        return;

    TC_LOG_INFO("playerbot", "Bot {} action: log out", player->GetName());
    Forget(session);
    if (player->IsInWorld())
        player->RemoveFromWorld();

    session->LogoutPlayer(false);
}

void BotSessionMgr::Cleanup(WorldSession* session, std::string const& reason)
{
    Forget(session);
    if (Player* bot = session->GetPlayer())
    {
        TC_LOG_WARN("playerbot", "Bot {} is sent away: {}", bot->GetName(), reason);
        bot->RemoveFromWorld();
        session->LogoutPlayer(false);
    }
}

void BotSessionMgr::Forget(WorldSession* session)
{
    std::lock_guard<std::mutex> lock(m_lock);
    m_sessions.erase(std::remove(m_sessions.begin(), m_sessions.end(), session), m_sessions.end());
}

#ifndef PLAYERBOT_BOT_SESSION_MGR_H
#define PLAYERBOT_BOT_SESSION_MGR_H

#include "Define.h"
#include <memory>
#include <mutex>
#include <string>
#include <vector>

class WorldSession;

/// Who wants to know which bots come and go.
class BotSessionListener
{
public:
    virtual ~BotSessionListener() = default;
    virtual void OnBotCount(std::size_t count) = 0;
};

/// The sessions of the bots, beside those of the world.
class BotSessionMgr
{
public:
    static BotSessionMgr* instance();

    void AddSession(WorldSession* session);
    void AddListener(std::shared_ptr<BotSessionListener> listener);
    std::size_t GetSessionCount();
    /// Tells every listener how many bots there are.
    void TellListeners(std::size_t count);
    /// A bot leaves because its player wants so.
    void Logout(WorldSession* session);
    /// A bot leaves because its server wants so.
    void Cleanup(WorldSession* session, std::string const& reason);

private:
    void Forget(WorldSession* session);

    std::mutex m_lock;
    std::vector<WorldSession*> m_sessions;
    std::vector<std::shared_ptr<BotSessionListener>> m_listeners;
};

#define sBotSessionMgr BotSessionMgr::instance()

#endif

#ifndef TRINITYCORE_WORLD_SESSION_H
#define TRINITYCORE_WORLD_SESSION_H

#include "Define.h"
#include <deque>
#include <memory>
#include <string>

class Player;
class WorldSocket;
struct WorldPacket;

namespace rbac
{
    enum RBACPermissions : uint32
    {
        RBAC_PERM_IGNORE_IDLE_CONNECTION = 10
    };
}

/// One account in the world. A bot has a session like a player, but nobody is connected to it: its socket is null.
class WorldSession
{
public:
    WorldSession(uint32 accountId, std::shared_ptr<WorldSocket> socket, bool isGameMaster = false);
    ~WorldSession();

    /// Returns false when the session has ended and can be deleted.
    bool Update(uint32 diff);
    void QueuePacket(WorldPacket const& packet);
    void SendPacket(WorldPacket const& packet);
    void KickPlayer(std::string const& reason);
    /// Takes the player out of its map and lets it go once the maps have been updated; ends the session.
    void LogoutPlayer(bool save);

    void SetPlayer(std::unique_ptr<Player> player);
    Player* GetPlayer() const { return _player.get(); }
    uint32 GetAccountId() const { return _accountId; }
    bool IsBot() const { return m_isBot; }
    bool HasPermission(uint32 permission) const;
    bool IsConnectionIdle() const;

private:
    void WarnAboutIdleTime(uint32 diff);
    void HandlePacket(WorldPacket const& packet);

    std::shared_ptr<WorldSocket> m_Socket;
    std::unique_ptr<Player> _player;
    std::deque<WorldPacket> _recvQueue;
    uint32 _accountId;
    uint32 m_idleTime = 0;
    uint32 m_idleWarnTimer = 0;
    bool m_isBot;
    bool m_isGameMaster;
    bool m_forceExit = false;
};

#endif

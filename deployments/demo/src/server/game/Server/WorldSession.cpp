#include "WorldSession.h"
#include "Map.h"
#include "Player.h"
#include "World.h"
#include "WorldSocket.h"

WorldSession::WorldSession(uint32 accountId, std::shared_ptr<WorldSocket> socket, bool isGameMaster)
    : m_Socket(std::move(socket)), _accountId(accountId), m_isBot(!m_Socket), m_isGameMaster(isGameMaster)
{
}

WorldSession::~WorldSession()
{
    LogoutPlayer(false);
}

bool WorldSession::Update(uint32 diff)
{
    m_idleTime += diff;
    WarnAboutIdleTime(diff);

    /// If necessary, kick the player because the client didn't send anything for too long
    if (IsConnectionIdle() && !HasPermission(rbac::RBAC_PERM_IGNORE_IDLE_CONNECTION))
        m_Socket->CloseSocket();

    if (m_Socket && m_Socket->Update())
    {
        for (WorldPacket const& packet : m_Socket->Received)
            QueuePacket(packet);
        m_Socket->Received.clear();
    }

    while (!_recvQueue.empty())
    {
        WorldPacket const packet = _recvQueue.front();
        _recvQueue.pop_front();
        m_idleTime = 0;
        HandlePacket(packet);
    }

    if (m_Socket && !m_Socket->IsOpen())
        m_forceExit = true;

    if (m_forceExit)
        LogoutPlayer(true);

    return !m_forceExit;
}

void WorldSession::QueuePacket(WorldPacket const& packet)
{
    _recvQueue.push_back(packet);
}

void WorldSession::SendPacket(WorldPacket const& packet)
{
    if (!m_Socket)
        return;

    uint8 const bytes[] = { packet.Opcode, packet.Argument };
    m_Socket->Write(bytes, sizeof(bytes));
}

void WorldSession::KickPlayer(std::string const& reason)
{
    TC_LOG_INFO("network.kick", "Account: {} kicked with reason: {}", _accountId, reason);

    if (m_Socket)
        m_Socket->CloseSocket();

    m_forceExit = true;
}

void WorldSession::LogoutPlayer(bool save)
{
    if (!_player)
        return;

    if (_player->IsInWorld())
        _player->GetMap()->RemovePlayerFromMap(_player.get());

    TC_LOG_INFO("entities.player", "Account: {} Logout Character:[{}] GUID: {} ({})", _accountId, _player->GetName(),
        _player->GetGUID(), save ? "saved" : "not saved");
    m_forceExit = true;
    sWorld->DeleteLater(std::move(_player));
}

void WorldSession::SetPlayer(std::unique_ptr<Player> player)
{
    _player = std::move(player);
}

bool WorldSession::HasPermission(uint32 permission) const
{
    return m_isGameMaster && permission == rbac::RBAC_PERM_IGNORE_IDLE_CONNECTION;
}

bool WorldSession::IsConnectionIdle() const
{
    return m_idleTime >= sWorld->GetSocketTimeOut();
}

void WorldSession::WarnAboutIdleTime(uint32 diff)
{
    static constexpr uint32 WarnInterval = 30;

    m_idleWarnTimer += diff;
    if (m_idleWarnTimer < WarnInterval || m_idleTime < sWorld->GetSocketTimeOut() / 2)
        return;

    m_idleWarnTimer = 0;
    TC_LOG_WARN("network", "Session of account {} received no packet for {} ms (socket: {})", _accountId, m_idleTime,
        m_Socket ? "open" : "null");
}

void WorldSession::HandlePacket(WorldPacket const& packet)
{
    switch (packet.Opcode)
    {
        case CMSG_PING:
            SendPacket({ SMSG_PONG, packet.Argument });
            break;
        case CMSG_REPOP_REQUEST:
            _player->BuildPlayerRepop();
            break;
        case CMSG_LOGOUT_REQUEST:
            m_forceExit = true;
            break;
        default:
            TC_LOG_ERROR("network.opcode", "Account {} sent unknown opcode {}", _accountId, packet.Opcode);
            break;
    }
}

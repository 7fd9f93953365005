#include "Arrival.h"

void Arrival::Leave(Player* bot)
{
    WorldPacket p(MSG_MOVE_TELEPORT_ACK, 20);
    p << bot->GetPackGUID() << uint32(0) << uint32(0);
    bot->GetSession()->HandleMoveTeleportAck(p);
    m_session->LogoutPlayer(true);
}

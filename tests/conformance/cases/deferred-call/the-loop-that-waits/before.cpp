void PlayerbotAI::HandleTeleportAck()
{
    while (m_bot->IsInWorld() && m_bot->IsBeingTeleportedNear())
    {
        WorldPacket ack = WorldPacket(MSG_MOVE_TELEPORT_ACK, 8 + 4 + 4);
        ack << m_bot->GetGUID().WriteAsPacked();
        m_bot->GetSession()->HandleMoveTeleportAck(ack);
    }
}

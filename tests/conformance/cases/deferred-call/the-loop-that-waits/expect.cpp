void PlayerbotAI::HandleTeleportAck()
{
    while (m_bot->IsInWorld() && m_bot->IsBeingTeleportedNear())
    {
        WorldPacket ack = WorldPacket(MSG_MOVE_TELEPORT_ACK, 8 + 4 + 4);
        ack << m_bot->GetGUID().WriteAsPacked();
        m_bot->m_Events.AddEventAtOffset([guid = m_bot->GetGUID(), ack]() mutable
        {
            Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
            if (!bot || !bot->IsInWorld() || !bot->IsBeingTeleportedNear())
                return;

            bot->GetSession()->HandleMoveTeleportAck(ack);
        }, 100ms);
        break;
    }
}

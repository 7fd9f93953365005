void PlayerbotAI::HandleTeleportAck(Player* bot)
{
    if (!bot->IsBeingTeleportedNear())
        return;

    WorldPacket p(MSG_MOVE_TELEPORT_ACK, 20);
    p << bot->GetPackGUID();
    p << uint32(0) << uint32(0);
    bot->m_Events.AddEventAtOffset([guid = bot->GetGUID(), p]() mutable
    {
        Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
        if (!bot || !bot->IsInWorld() || !bot->IsBeingTeleportedNear())
            return;

        bot->GetSession()->HandleMoveTeleportAck(p);
    }, 100ms);
}

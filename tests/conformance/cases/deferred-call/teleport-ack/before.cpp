void PlayerbotAI::HandleTeleportAck(Player* bot)
{
    if (!bot->IsBeingTeleportedNear())
        return;

    WorldPacket p(MSG_MOVE_TELEPORT_ACK, 20);
    p << bot->GetPackGUID();
    p << uint32(0) << uint32(0);
    bot->GetSession()->HandleMoveTeleportAck(p);
}

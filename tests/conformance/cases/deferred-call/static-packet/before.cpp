void Ai::Go(Player* bot)
{
    static WorldPacket p(MSG_MOVE_TELEPORT_ACK, 20);
    p.data.assign(1, uint32(bot->GetGUID().v));
    bot->GetSession()->HandleMoveTeleportAck(p);
}

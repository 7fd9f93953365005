void BotAI::HandleTeleportAck(Player* bot)
{
    Map* map = bot->GetMap();
    if (map->IsDungeon())
        ++m_dungeonPorts;
    WorldPacket data(MSG_MOVE_TELEPORT_ACK);
    data << bot->GetGUID();
    bot->GetSession()->HandleMoveTeleportAck(data);
}

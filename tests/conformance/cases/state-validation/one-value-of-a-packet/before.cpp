void BotMgr::SendPlace(WorldPacket& data, Player* bot)
{
    data << bot->GetGUID();
    data.append(bot->GetPositionX());
    data << uint8(0);
}

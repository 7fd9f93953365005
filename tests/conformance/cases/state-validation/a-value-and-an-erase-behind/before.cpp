void BotMgr::Forget(Player* bot)
{
    uint32 const zone = bot->GetZoneId();
    --m_perZone[zone];
    m_bots.erase(bot->GetGUID());
}

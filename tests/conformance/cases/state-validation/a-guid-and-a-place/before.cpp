void BotMgr::Mark(Player* bot)
{
    m_places.Store(bot->GetGUID(), bot->GetZoneId());
}

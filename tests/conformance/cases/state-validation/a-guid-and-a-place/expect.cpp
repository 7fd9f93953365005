void BotMgr::Mark(Player* bot)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        m_places.Store(bot->GetGUID(), bot->GetZoneId());
}

void BotMgr::MarkAll()
{
    for (Player* bot : m_bots)
    {
        if (bot->IsInWorld() && !bot->IsBeingTeleported())
            LOG_DEBUG("bots", "{} is in {}", bot->GetName(), bot->GetAreaId());
        m_seen.insert(bot->GetGUID());
    }
}

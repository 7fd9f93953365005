void A::Run(Player* bot)
{
    bot->m_Events.AddEventAtOffset([guid = bot->GetGUID(), percent = m_rates.Percent(RATE_HEALTH), hasSickness = m_rates.HasSickness()]() mutable
    {
        Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
        if (!bot || !bot->IsInWorld() || bot->IsAlive())
            return;

        bot->ResurrectPlayer(percent,
            hasSickness);
    }, 100ms);
}

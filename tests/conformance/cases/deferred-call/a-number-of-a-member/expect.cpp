void Medic::Raise(Player* bot)
{
    if (!bot->isDead())
        return;

    bot->m_Events.AddEventAtOffset([guid = bot->GetGUID(), percent = m_rates.GetPercent()]() mutable
    {
        Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
        if (!bot || !bot->IsInWorld() || !bot->isDead())
            return;

        bot->ResurrectPlayer(percent, false);
    }, 100ms);
    ++m_raised;
}

void Medic::Share(Player* bot, float const& share, bool sick)
{
    if (!bot->isDead())
        return;

    bot->m_Events.AddEventAtOffset([guid = bot->GetGUID(), share, sick]() mutable
    {
        Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
        if (!bot || !bot->IsInWorld() || !bot->isDead())
            return;

        bot->ResurrectPlayer(share, sick);
    }, 100ms);
    ++m_count;
}

void Ai::Go(Player* bot, float guid, bool player)
{
    bot->m_Events.AddEventAtOffset([playerGuid = bot->GetGUID(), guid, player]() mutable
    {
        Player* bot = ObjectAccessor::FindConnectedPlayer(playerGuid);
        if (!bot || !bot->IsInWorld() || bot->IsAlive())
            return;

        bot->ResurrectPlayer(guid, player);
    }, 100ms);
    ++m_after;
}

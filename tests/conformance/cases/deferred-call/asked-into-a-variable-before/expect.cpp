void BotDeath::Tick(Player* bot)
{
    bool const released = bot->HasAura(8326);
    if (!bot->IsAlive() && !released)
    {
        bot->m_Events.AddEventAtOffset([guid = bot->GetGUID()]()
        {
            Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
            if (!bot || !bot->IsInWorld() || bot->IsAlive() || bot->HasAura(8326))
            {
                return;
            }

            bot->BuildPlayerRepop();
        }, 100ms);
    }
}

// Called on each update of the bot.
void BotDeath::Update(Player* bot)
{
    if (bot->IsAlive())
        return;

    if (bot->HasPlayerFlag(PLAYER_FLAGS_GHOST) || bot->GetCorpse())
        return;

    bot->m_Events.AddEventAtOffset([guid = bot->GetGUID()]()
    {
        Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
        if (!bot || !bot->IsInWorld() || bot->IsAlive() || bot->HasPlayerFlag(PLAYER_FLAGS_GHOST))
            return;

        bot->BuildPlayerRepop();
    }, 100ms);
}

// Called on each update of the bot.
void BotDeath::Update(Player* bot)
{
    if (bot->IsAlive())
        return;

    if (bot->HasPlayerFlag(PLAYER_FLAGS_GHOST) || bot->GetCorpse())
        return;

    bot->BuildPlayerRepop();
}

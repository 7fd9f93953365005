void BotMgr::Revive(Player* bot)
{
    REVIVE_GUARD(bot);
    bot->ResurrectPlayer(1.0f, true);
}

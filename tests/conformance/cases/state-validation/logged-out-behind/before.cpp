void BotMgr::Stop(Player* bot)
{
    bot->CombatStop(true);
    bot->GetSession()->LogoutPlayer(true);
}

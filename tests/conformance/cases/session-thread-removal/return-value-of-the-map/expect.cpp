void BotMgr::Quit(Player* bot)
{
    bot->GetSession()->LogoutPlayer(true);
}

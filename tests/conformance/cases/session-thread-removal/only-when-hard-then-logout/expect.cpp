void BotMgr::Quit(Player* bot, bool isHard)
{
    bot->GetSession()->LogoutPlayer(true);
}

void BotMgr::Quit(Player* bot)
{
    bot->SaveToDB(false, false);
    bot->GetSession()->LogoutPlayer(false);
}

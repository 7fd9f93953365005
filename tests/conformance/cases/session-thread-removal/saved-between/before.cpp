void BotMgr::Quit(Player* bot)
{
    bot->RemoveFromWorld();
    bot->SaveToDB(false, false);
    bot->GetSession()->LogoutPlayer(false);
}

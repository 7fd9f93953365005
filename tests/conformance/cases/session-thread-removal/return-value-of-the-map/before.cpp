void BotMgr::Quit(Player* bot)
{
    Map* map = bot->GetMap();
    map->RemovePlayerFromMap(bot, false);
    bot->GetSession()->LogoutPlayer(true);
}

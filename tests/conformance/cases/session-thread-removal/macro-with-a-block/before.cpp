void BotMgr::Quit(Player* bot)
{
    IF_ALIVE(bot)
    {
        bot->RemoveFromWorld();
    }
    bot->GetSession()->LogoutPlayer(true);
}

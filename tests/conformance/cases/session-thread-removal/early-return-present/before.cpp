void BotMgr::Quit(Player* bot)
{
    if (!bot || bot->GetSession()->PlayerLogout())
        return;

    LOG_DEBUG("bots", "{} quits", bot->GetName());
    bot->RemoveFromWorld();
    LOG_DEBUG("bots", "{} has quit", bot->GetName());
    bot->GetSession()->LogoutPlayer(true);
}

void BotMgr::Quit(Player* bot)
{
    WorldSession* session = bot->GetSession();
    bot->RemoveFromWorld();
    delete bot;
    session->LogoutPlayer(false);
}

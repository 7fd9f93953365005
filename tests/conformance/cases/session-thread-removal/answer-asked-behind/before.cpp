bool BotMgr::Quit(Player* bot)
{
    bot->RemoveFromWorld();
    bool const isGone = !bot->IsInWorld();
    bot->GetSession()->LogoutPlayer(true);
    return isGone;
}

void BotMgr::Quit(Player* bot, bool isHard)
{
    if (isHard)
        bot->RemoveFromWorld();
    else
        bot->GetSession()->LogoutPlayer(true);
}

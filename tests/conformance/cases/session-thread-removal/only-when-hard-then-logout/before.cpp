void BotMgr::Quit(Player* bot, bool isHard)
{
    if (isHard)
        bot->RemoveFromWorld();

    bot->GetSession()->LogoutPlayer(true);
}

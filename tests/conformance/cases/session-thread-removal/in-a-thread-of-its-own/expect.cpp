void BotMgr::Remove(Player* bot)
{
    std::thread([bot]
    {
        bot->GetSession()->LogoutPlayer(true);
    }).detach();
}

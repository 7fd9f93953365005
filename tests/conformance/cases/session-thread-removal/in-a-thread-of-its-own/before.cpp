void BotMgr::Remove(Player* bot)
{
    std::thread([bot]
    {
        bot->RemoveFromWorld();
        bot->GetSession()->LogoutPlayer(true);
    }).detach();
}

void BotMgr::Swap(Player* bot)
{
    for (Player* bot : m_others)
    {
        bot->RemoveFromWorld();
        ++m_removed;
    }
    bot->GetSession()->LogoutPlayer(true);
}

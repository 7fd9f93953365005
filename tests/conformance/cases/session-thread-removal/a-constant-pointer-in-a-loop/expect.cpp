void BotMgr::RemoveAll()
{
    for (auto itr = m_bots.begin(); itr != m_bots.end(); itr = m_bots.erase(itr))
    {
        Player* const bot = itr->second;
        bot->GetSession()->LogoutPlayer(true);
    }
}

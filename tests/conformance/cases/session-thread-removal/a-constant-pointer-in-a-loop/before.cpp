void BotMgr::RemoveAll()
{
    for (auto itr = m_bots.begin(); itr != m_bots.end(); itr = m_bots.erase(itr))
    {
        Player* const bot = itr->second;
        if (bot && bot->IsInWorld())
            bot->RemoveFromWorld();
        bot->GetSession()->LogoutPlayer(true);
    }
}

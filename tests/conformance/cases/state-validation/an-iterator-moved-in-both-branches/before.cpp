void BotMgr::Tick()
{
    for (auto it = m_bots.begin(); it != m_bots.end();)
    {
        Player* bot = it->second;
        bot->UpdateZone(m_zone, m_area);
        if (bot->isDead())
            it = m_bots.erase(it);
        else
            ++it;
    }
}

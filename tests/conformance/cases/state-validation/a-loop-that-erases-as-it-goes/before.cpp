void BotMgr::Sweep()
{
    auto it = m_bots.begin();
    while (it != m_bots.end())
    {
        Player* bot = it->second;
        uint32 const zone = bot->GetZoneId();
        m_perZone[zone] = bot->GetMapId();
        ++it;
    }
}

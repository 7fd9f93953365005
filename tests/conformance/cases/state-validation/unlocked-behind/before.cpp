void BotMgr::Use(Player* bot)
{
    m_lock.lock();
    uint32 const zone = bot->GetZoneId();
    m_zones.insert(zone);
    m_lock.unlock();
}

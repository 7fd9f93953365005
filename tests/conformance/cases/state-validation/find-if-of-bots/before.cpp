Player* BotMgr::Find(std::vector<Player*> const& bots)
{
    auto it = std::find_if(bots.begin(), bots.end(), [this](Player* bot) -> bool
    {
        return bot->GetZoneId() == m_zone;
    });
    return it != bots.end() ? *it : nullptr;
}

uint32 BotMgr::Level(std::vector<Player*> const& bots)
{
    uint32 handled = 0;
    for (Player* bot : bots)
    {
        uint8 const level = bot->GetLevel();
        m_levels.push_back(level);
        ++handled;
    }
    return handled;
}

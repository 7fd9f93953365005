void BotMgr::Sort(std::vector<Player*>& bots)
{
    std::sort(bots.begin(), bots.end(), [this](Player* left, Player* right) -> bool
    {
        float const own = left->GetDistance(m_spot);
        return own < right->GetDistance(m_spot);
    });
}

int BotAI::Count(Player* bot)
{
    int near = bot->CountNearby();
    m_total += near;
    SaveStatistics();
    return m_total;
}

void BotAI::Act(Player* bot, uint32 diff)
{
    m_timer += diff;
    bot->VisitNearbyObjects(m_range);
    ++m_acts;
}

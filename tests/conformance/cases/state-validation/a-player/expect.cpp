void BotAI::Act(Player* bot, uint32 diff)
{
    m_timer += diff;
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->VisitNearbyObjects(m_range);
    ++m_acts;
}

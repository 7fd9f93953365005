void BotAI::Act(Player* bot)
{
    ASSERT(bot->GetMap() == m_map);
}

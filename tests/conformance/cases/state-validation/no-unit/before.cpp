void BotAI::Act(Player* bot)
{
    m_engine->Think(bot);
}

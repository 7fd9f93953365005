void BotAI::Track(Player* bot)
{
    m_lastX = bot->GetPositionX();
    m_lastY = bot->GetPositionY();
}

void BotAI::Track(Player* bot)
{
    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return;

    m_lastX = bot->GetPositionX();
    m_lastY = bot->GetPositionY();
}

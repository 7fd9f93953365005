void BotAI::Pulse(Player* bot)
{
    Unit* near = bot->SelectNearestTarget(10.0f);
    if (near)
        Attack(near);
    m_pulseTimer = 1000;
}

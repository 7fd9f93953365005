void BotAI::Search(Player* bot)
{
    for (uint32 step = 0; step < 5; ++step)
    {
        float const z = bot->GetMapHeight(m_x + step, m_y);
        m_heights.push_back(z);
    }
}

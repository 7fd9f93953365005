void Medic::Raise(Player* bot)
{
    if (!bot->isDead())
        return;

    bot->ResurrectPlayer(m_rates.GetPercent(), false);
    ++m_raised;
}

void A::Run(Player* bot)
{
    bot->ResurrectPlayer(m_rates.Percent(RATE_HEALTH),
        m_rates.HasSickness());
}

void A::Run(Player* bot)
{
    m_pool.Run([bot]() -> bool
    {
        return bot->ResurrectPlayer(1.0f);
    });
}

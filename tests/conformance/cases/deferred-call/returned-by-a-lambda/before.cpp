void A::Run(Player* bot)
{
    m_pool.Run([bot]()
    {
        if (bot->IsAlive())
            return;
        return bot->BuildPlayerRepop();
    });
}

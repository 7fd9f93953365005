void A::Run(Player* bot)
{
    m_bots.Visit([bot]()
    {
        if (bot->IsAlive())
            return;
        return bot->BuildPlayerRepop();
    });
}

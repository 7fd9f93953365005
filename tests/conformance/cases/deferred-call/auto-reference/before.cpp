void A::Run()
{
    for (auto& bot : m_bots)
    {
        bot.BuildPlayerRepop();
    }
}

void A::Run(Player* bot)
{
    m_pool.Run([bot] { bot->BuildPlayerRepop(); });
}

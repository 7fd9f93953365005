void A::Run(Player* bot)
{
    m_bots.Visit([bot] { bot->BuildPlayerRepop(); });
}

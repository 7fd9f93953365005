void A::Run()
{
    for (Player* each : m_dead) each->BuildPlayerRepop();
}

void Herd::Mourn()
{
    for (Player* each : m_members)
    {
        if (each->IsAlive())
            continue;
        each->BuildPlayerRepop();
        ++m_dead;
    }
}

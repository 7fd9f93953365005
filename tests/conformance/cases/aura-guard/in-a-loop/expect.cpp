void Herd::Mourn()
{
    for (Player* each : m_members)
    {
        if (each->IsAlive())
            continue;
        if (!each->HasAura(8326))
            each->BuildPlayerRepop();
        ++m_dead;
    }
}

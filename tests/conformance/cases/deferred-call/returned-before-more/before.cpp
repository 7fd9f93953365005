void Herder::Free(Player* sheep)
{
    if (!sheep->IsAlive())
        return sheep->BuildPlayerRepop();

    m_herd.push_back(m_next++);
}

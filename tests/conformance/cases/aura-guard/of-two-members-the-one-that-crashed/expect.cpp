void Herd::Swap()
{
    if (m_first->isDead())
        m_first->ResurrectPlayer(1.0f);
    if (!m_second->HasAura(8326))
        m_second->BuildPlayerRepop();
}

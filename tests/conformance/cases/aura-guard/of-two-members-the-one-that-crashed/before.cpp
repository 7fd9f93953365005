void Herd::Swap()
{
    if (m_first->isDead())
        m_first->ResurrectPlayer(1.0f);
    m_second->BuildPlayerRepop();
}

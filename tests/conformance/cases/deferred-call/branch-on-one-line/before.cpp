void Herder::Count(Player* sheep)
{
    ++m_count;
    if (!sheep->IsAlive()) sheep->BuildPlayerRepop();
    m_last = m_count;
}

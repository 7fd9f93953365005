void Ai::Update(uint32 diff)
{
    m_timer -= diff;
    if (!m_target)
        return;

    float const distance = m_target->GetDistance(me);
    if (distance < 5.0f)
        Strike();
}

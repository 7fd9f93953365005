void Ai::Update(uint32 diff)
{
    m_timer -= diff;
    float const distance = m_target->GetDistance(me);
    if (distance < 5.0f)
        Strike();
}

void Pulse::Update(uint32 diff)
{
    if (m_timer > diff)
    {
        m_timer -= diff;
        return;
    }

    Unit* victim = me->GetVictim();
    float const distance = victim->GetDistance(me);
    if (distance < 10.0f)
        DoCast(SPELL_PULSE);
    m_timer = 5000;
}

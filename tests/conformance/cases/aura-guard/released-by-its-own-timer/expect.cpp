void Player::UpdateDeath(uint32 diff)
{
    if (m_deathTimer > 0 && !GetMap()->Instanceable())
    {
        if (diff < m_deathTimer)
        {
            m_deathTimer -= diff;
            return;
        }

        m_deathTimer = 0;
        if (!HasAura(8326))
            BuildPlayerRepop();
        RepopAtGraveyard();
    }
}

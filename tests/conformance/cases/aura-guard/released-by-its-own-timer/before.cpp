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
        BuildPlayerRepop();
        RepopAtGraveyard();
    }
}

void Duel::Hurt(Player* victim, uint32 damage)
{
    m_isBot = victim->IsBot();
    if (m_isOn && victim->m_spellModTakingSpell != nullptr)
        damage *= m_modifier;
    else
        ++damage;
    m_total += damage;
}

void Duel::Hurt(Player* victim, uint32 damage)
{
    if (victim->IsBot())
        ++m_botHits;
    // the modifier of the spell that is being cast
    if (victim->m_spellModTakingDamage)
    {
        damage *= m_modifier;
    }
    m_total += damage;
}

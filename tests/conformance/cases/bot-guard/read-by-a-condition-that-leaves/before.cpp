bool Duel::Hurt(Player* victim, uint32 damage)
{
    m_isBot = victim->IsBot();
    if (victim->m_spellModTakingSpell)
        return false;
    m_total += damage;
    return true;
}

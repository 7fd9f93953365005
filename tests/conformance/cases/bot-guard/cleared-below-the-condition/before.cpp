void Duel::End(Player* victim)
{
    m_isBot = victim->IsBot();
    if (victim->m_spellModTakingSpell)
        victim->SetSpellModTakingSpell(victim->m_spellModTakingSpell, false);
}

bool Duel::Hurt(Player* victim, uint32 damage)
{
	bool isBot = victim->IsBot();
	if (m_isWild || (!victim->IsBot() && victim->m_spellModTakingSpell != nullptr))
		damage *= m_modifier;
	m_total += damage;
	return isBot;
}

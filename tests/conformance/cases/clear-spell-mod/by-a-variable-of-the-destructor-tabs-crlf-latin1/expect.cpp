Spell::~Spell()
{
    Player* modOwner = m_caster->ToPlayer();
    if (modOwner)
        ASSERT(modOwner->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = GetCaster()->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

SpellEvent::~SpellEvent()
{
	for (ObjectGuid const& guid : m_targets)
		m_Spell->Forget(guid);

	m_Spell->cancel();
	if (Player* player = m_Spell->GetCaster()->ToPlayer())
		player->SetSpellModTakingSpell(m_Spell, false);
	delete m_Spell; // gone für immer
}

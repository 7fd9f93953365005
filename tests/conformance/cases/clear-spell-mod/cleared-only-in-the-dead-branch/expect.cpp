Spell::~Spell()
{
    if (m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_caster->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

#if 1
Unit* Spell::GetCaster() const { return m_caster; }

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    if (Player* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell, false);
    delete m_Spell;
}
#else
Unit* Spell::GetCaster() const { return m_originalCaster; }

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    m_Spell->GetCaster()->ToPlayer()->SetSpellModTakingSpell(m_Spell, false);
    delete m_Spell;
}
#endif

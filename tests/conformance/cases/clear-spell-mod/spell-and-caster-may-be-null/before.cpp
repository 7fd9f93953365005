Spell::~Spell()
{
    if (m_caster && m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_caster->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

Unit* Spell::GetCaster() const { return m_caster; }

SpellEvent::~SpellEvent()
{
    if (m_Spell)
        m_Spell->cancel();

    delete m_Spell;
}

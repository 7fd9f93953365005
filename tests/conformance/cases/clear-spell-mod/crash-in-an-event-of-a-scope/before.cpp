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

Unit* Spell::GetCaster() const { return m_caster; }

Pending::DelayedSpellHit::~DelayedSpellHit()
{
    TC_LOG_DEBUG("spells", "hit of {} is gone", m_id);
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    delete m_Spell;
}

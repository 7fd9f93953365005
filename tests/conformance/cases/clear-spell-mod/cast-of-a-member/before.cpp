Spell::~Spell()
{
    if (m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(static_cast<Player*>(m_caster)->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_caster->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

void AuraEffect::Tick()
{
    TC_LOG_DEBUG("spells", "tick by {}", GetCaster()->GetName());
}

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    delete m_Spell;
}

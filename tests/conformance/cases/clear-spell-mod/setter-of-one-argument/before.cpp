Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish() { owner->SetSpellModTakingSpell(nullptr); }

WorldObject* Spell::GetCaster() const { return m_caster; }

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    delete m_Spell;
}

Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
Unit* Spell::GetCaster() const { return m_caster; }
void Spell::finish() { m_caster->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    SAFE_DELETE(m_Spell);
}

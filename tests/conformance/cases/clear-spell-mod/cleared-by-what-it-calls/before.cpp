Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
Unit* Spell::GetCaster() const { return m_caster; }
void Spell::cancel()
{
    m_caster->ToPlayer()->SetSpellModTakingSpell(this, false);
}
SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    delete m_Spell;
}

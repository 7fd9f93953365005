Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
Unit* Spell::GetCaster() const { return m_caster; }
void Spell::finish() { m_caster->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    if (Spell* spell = m_Spell)
    {
        spell->cancel();
        delete spell;
    }
}

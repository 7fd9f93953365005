Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent() { if (m_Spell) m_Spell->cancel(); delete m_Spell; }

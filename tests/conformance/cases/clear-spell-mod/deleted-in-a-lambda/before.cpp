Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    auto drop = [this]() { m_Spell->cancel(); delete m_Spell; };
    drop();
}

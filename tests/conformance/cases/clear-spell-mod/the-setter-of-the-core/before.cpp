Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    delete m_Spell;
}

Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellBeingWatched != this);
}

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    delete m_Spell;
}

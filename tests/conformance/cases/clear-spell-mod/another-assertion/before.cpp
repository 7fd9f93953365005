Spell::~Spell()
{
    ASSERT(m_references == 0);
}

SpellEvent::~SpellEvent()
{
    delete m_Spell;
}

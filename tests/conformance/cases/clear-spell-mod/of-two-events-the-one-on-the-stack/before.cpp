Spell::~Spell()
{
    if (m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_caster->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

class RitualEvent : public BasicEvent { Spell* _spell; };

Unit* Spell::GetCaster() const { return m_caster; }

bool RitualEvent::Execute(uint64 /*time*/, uint32 /*diff*/)
{
    _spell->update(100);
    return false;
}

RitualEvent::~RitualEvent()
{
    _spell->cancel();
    delete _spell;
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    delete m_Spell;
}

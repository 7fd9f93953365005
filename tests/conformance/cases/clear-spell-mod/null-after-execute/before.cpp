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

Unit* Spell::GetCaster() const { return m_caster; }

bool SpellEvent::Execute(uint64 time, uint32 diff)
{
    if (!m_Spell->Advance(time, diff))
        return false;

    delete m_Spell;
    m_Spell = nullptr;
    return true;
}

SpellEvent::~SpellEvent()
{
    delete m_Spell;
}

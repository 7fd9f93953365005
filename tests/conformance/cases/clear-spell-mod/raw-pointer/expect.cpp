Spell::~Spell()
{
    delete m_selfContainer;
    if (m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish(bool ok)
{
    if (Player* owner = m_caster->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

WorldObject* Spell::GetCaster() const { return m_caster; }

SpellEvent::SpellEvent(Spell* spell) : BasicEvent(), m_Spell(spell)
{
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    if (Player* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell, false);

    if (m_Spell->IsDeletable())
    {
        delete m_Spell;
    }
    else
    {
        LOG_ERROR("spells", "not deletable");
        ABORT();
    }
}

Spell::~Spell()
{
    if (m_caster && m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_caster->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

Unit* Spell::GetCaster() const { return m_caster; }

SpellEvent::~SpellEvent()
{
    if (m_Spell)
        m_Spell->cancel();

    if (Player* player = m_Spell && m_Spell->GetCaster() ? m_Spell->GetCaster()->ToPlayer() : nullptr)
        player->SetSpellModTakingSpell(m_Spell, false);

    delete m_Spell;
}

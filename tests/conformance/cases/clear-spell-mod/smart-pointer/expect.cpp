class SpellEvent : public BasicEvent
{
public:
    SpellEvent(Spell* spell);
    ~SpellEvent();

private:
    Trinity::unique_trackable_ptr<Spell> m_Spell;
};

Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::TakeMods()
{
    modOwner->SetSpellModTakingSpell(this, true);
    modOwner->ApplySpellMod(m_spellInfo, this);
    modOwner->SetSpellModTakingSpell(this, false);
}


SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    if (auto* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell.get(), false);

    // a spell that somebody still needs must not go
    if (!m_Spell->IsDeletable())
        LOG_ERROR("spells", "{} can't go", m_Spell->GetCaster()->GetName());
}

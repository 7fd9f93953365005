class SpellEvent : public BasicEvent
{
public:
    explicit SpellEvent(std::unique_ptr<Spell> spell) : m_Spell(std::move(spell)) { }
    ~SpellEvent() override;

private:
    std::unique_ptr<Spell> m_Spell;
};

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

SpellEvent::~SpellEvent()
{
    if (sWorld->IsStopped())
        return;

    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();
}

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


using SpellHolder = std::shared_ptr<Spell>;

class SpellEvent : public BasicEvent
{
public:
    explicit SpellEvent(SpellHolder spell) : m_Spell(std::move(spell)) { }
    ~SpellEvent() override
    {
        if (m_Spell->getState() != SPELL_STATE_FINISHED)
            m_Spell->cancel();
    }
private:
    SpellHolder m_Spell;
};

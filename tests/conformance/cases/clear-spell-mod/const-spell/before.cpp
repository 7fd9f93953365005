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


class CooldownEvent : public BasicEvent
{
public:
    explicit CooldownEvent(Spell const* spell) : m_watched(spell) { }
    ~CooldownEvent() override;
private:
    Spell const* m_watched;
};

CooldownEvent::~CooldownEvent()
{
    sCooldowns->Forget(m_watched->GetSpellInfo()->Id);
}

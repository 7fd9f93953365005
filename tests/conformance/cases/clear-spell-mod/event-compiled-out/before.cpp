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

#if 0

class SpellEvent : public BasicEvent
{
public:
    ~SpellEvent() override
    {
        m_Spell->cancel();
        delete m_Spell;
    }

private:
    Spell* m_Spell;
};

#endif

class Spell
{
public:
    ~Spell();
    Unit* GetCaster() const { return const_cast<Unit*>(m_caster); }

private:
    Unit const* m_caster;
};

Spell::~Spell()
{
    if (m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_owner->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    if (Player* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell, false);

    delete m_Spell;
}

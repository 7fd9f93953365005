class Spell
{
public:
    ~Spell();
    void finish();

private:
    Unit const* m_caster;
    Unit* m_owner;
};

Spell::~Spell()
{
    if (Player const* player = m_caster->ToPlayer())
        ASSERT(player->IsInFlight() || m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_owner->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->m_caster->IsAlive())
        m_Spell->cancel();

    delete m_Spell;
}

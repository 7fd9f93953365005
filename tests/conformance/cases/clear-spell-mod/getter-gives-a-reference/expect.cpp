class Spell
{
public:
    explicit Spell(Unit& caster) : m_caster(caster) { }
    ~Spell();
    Unit& GetCaster() const { return m_caster; }

private:
    Unit& m_caster;
};

Spell::~Spell()
{
    if (m_caster.GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster.ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish()
{
    if (Player* owner = m_caster.GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    if (Player* player = m_Spell->GetCaster().ToPlayer())
        player->SetSpellModTakingSpell(m_Spell, false);
    delete m_Spell;
}

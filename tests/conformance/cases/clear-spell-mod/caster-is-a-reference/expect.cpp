class Spell
{
public:
    explicit Spell(Player& caster) : m_caster(caster) { }
    ~Spell();

    Player& m_caster;
};

Spell::~Spell()
{
    ASSERT(m_caster.m_spellModTakingSpell != this);
}

void Spell::finish()
{
    m_caster.SetSpellModTakingSpell(this, false);
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    TC_LOG_DEBUG("spells", "event of {} goes", m_Spell->m_caster.GetName());
    m_Spell->m_caster.SetSpellModTakingSpell(m_Spell, false);
    delete m_Spell;
}

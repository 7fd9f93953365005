class Spell { std::reference_wrapper<Player> m_caster; };
Spell::~Spell()
{
    ASSERT(m_caster.get().m_spellModTakingSpell != this);
}
void Spell::finish() { m_caster.get().SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    LOG(m_Spell->m_caster.get().GetName());
    m_Spell->m_caster.get().SetSpellModTakingSpell(m_Spell, false);
    delete m_Spell;
}

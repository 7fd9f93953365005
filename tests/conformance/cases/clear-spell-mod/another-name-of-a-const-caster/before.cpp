using Caster = Unit const;
class Spell { Caster* m_caster; public: Caster* GetCaster() const { return m_caster; } };
Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { m_owner->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    delete m_Spell;
}

class Spell
{
public:
    Unit const* GetCaster() const { return m_caster; }
    Unit* GetCaster() { return m_caster; }
private:
    Unit* m_caster;
};
Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { m_caster->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    if (auto* player = m_Spell ? m_Spell->GetCaster()->ToPlayer() : nullptr)
        player->SetSpellModTakingSpell(m_Spell, false);
    delete m_Spell;
}

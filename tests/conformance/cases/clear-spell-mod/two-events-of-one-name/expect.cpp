Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
Unit* Spell::GetCaster() const { return m_caster; }
void Spell::finish() { m_caster->ToPlayer()->SetSpellModTakingSpell(this, false); }
A::Event::~Event()
{
    delete m_spell;
}
B::Event::~Event()
{
    if (auto* player = m_spell ? m_spell->GetCaster()->ToPlayer() : nullptr)
        player->SetSpellModTakingSpell(m_spell, false);
    delete m_spell;
}

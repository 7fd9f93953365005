Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
Unit* Spell::GetCaster() const { return m_caster; }
void Spell::finish() { m_caster->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    while (m_Spell)
    {
        Spell* next = m_Spell->GetNext();
        if (auto* player = m_Spell->GetCaster()->ToPlayer())
            player->SetSpellModTakingSpell(m_Spell, false);
        delete m_Spell;
        m_Spell = next;
    }
}

Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    if (m_Spell)
    {
        m_Spell->cancel();
        if (auto* player = m_Spell->GetCaster()->ToPlayer())
            player->SetSpellModTakingSpell(m_Spell, false);
        delete m_Spell;
    }
    else
        ++s_empty;
}

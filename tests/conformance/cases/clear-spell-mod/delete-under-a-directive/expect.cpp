Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
#ifdef TRACE_SPELLS
    Trace(m_Spell);
#endif
    m_Spell->cancel();
    if (auto* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell, false);
#ifndef KEEP_SPELLS
    delete m_Spell;
#endif
}

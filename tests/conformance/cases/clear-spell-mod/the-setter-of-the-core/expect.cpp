Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    if (auto* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell, false);
    delete m_Spell;
}

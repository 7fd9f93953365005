Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(this, false); }
SpellEvent::~SpellEvent()
{
    for (Spell* spell : m_spells)
    {
        spell->cancel();
        if (auto* player = spell->GetCaster()->ToPlayer())
            player->SetSpellModTakingSpell(spell, false);
        delete spell;
    }
}

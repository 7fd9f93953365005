Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Player::SetSpellModTakingSpell(bool apply, Spell* spell) { m_spellModTakingSpell = apply ? spell : nullptr; }
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(false, this); }
SpellEvent::~SpellEvent()
{
    m_Spell->cancel();
    delete m_Spell;
}

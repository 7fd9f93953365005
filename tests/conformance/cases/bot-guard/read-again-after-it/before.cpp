void Herd::Charge(Player* sheep, Spell* spell)
{
    Note(sheep->IsBot());
    sheep->m_spellModTakingSpell = spell;
    Check(sheep->m_spellModTakingSpell);
}

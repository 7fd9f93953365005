void Herd::Charge(Player* sheep, Spell* spell)
{
    sheep->SetSpellModTakingSpell(spell, true);
}

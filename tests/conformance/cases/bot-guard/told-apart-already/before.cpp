void Herd::Charge(Player* sheep, Spell* spell)
{
    if (sheep->IsBot())
        return;

    sheep->SetSpellModTakingSpell(spell, true);
}

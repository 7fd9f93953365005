void Herd::Charge(Player* sheep, Spell* spell)
{
    sheep->RestoreSpellMods(spell);
}

bool Herd::Has(Player* sheep) const
{
    return sheep->GetSession()->IsBot();
}

void Herd::Charge(Player* sheep, Spell* spell)
{
    if (!sheep->GetSession()->IsBot())
        sheep->RestoreSpellMods(spell);
}

bool Herd::Has(Player* sheep) const
{
    return sheep->GetSession()->IsBot();
}

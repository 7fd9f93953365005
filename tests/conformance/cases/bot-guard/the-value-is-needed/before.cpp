int Herd::Charge(Player* sheep, Spell* spell)
{
    Note(sheep->IsBot());
    int mods = sheep->CountSpellMods(spell);
    return mods;
}

void Herd::Charge(Player* sheep, Spell* spell)
{
    Note(sheep->IsBot());
    spell->TakeSpellMods();
}

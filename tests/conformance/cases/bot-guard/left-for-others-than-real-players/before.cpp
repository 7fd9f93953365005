void A::Run(Player* player, Spell* spell)
{
    if (!player->IsRealPlayer())
        return;
    player->RestoreSpellMods(spell);
}

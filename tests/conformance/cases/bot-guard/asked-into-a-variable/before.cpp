void A::Run(Player* player, Spell* spell)
{
    bool const isBot = player->IsBot();
    if (isBot)
        return;
    player->RestoreSpellMods(spell);
}

void A::Run(Player* player, Spell* spell)
{
    if (IS_PLAYER_BOT(player))
        return;
    Note(player->IsBot());
    player->RestoreSpellMods(spell);
}

#if 0
void A::Run(Player* player, Spell* spell)
{
    player->RestoreSpellMods(spell);
}
#endif
void B::Go(Player* player) { m = player->IsBot(); }
#ifdef BOTS
void A::Run(Player* player, Spell* spell)
{
    player->RestoreSpellMods(spell);
}
#else
void A::Run(Player*, Spell*) { }
#endif

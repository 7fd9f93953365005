namespace Bots { static bool IsBot(Player* p) { return p->HasFlag(1); } }
void A::Run(Player* player, Spell* spell)
{
    player->RestoreSpellMods(spell);
}

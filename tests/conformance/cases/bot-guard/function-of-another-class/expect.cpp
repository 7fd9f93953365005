void B::Go(Player* p) { if (BotMgr::IsBot(p)) ++n; }
void A::Run(Player* player, Spell* spell)
{
    if (!BotMgr::IsBot(player))
        player->RestoreSpellMods(spell);
}

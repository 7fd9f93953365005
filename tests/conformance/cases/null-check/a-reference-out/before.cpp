Loot& LootMgr::Of(Creature* corpse)
{
    return corpse->loot;
}

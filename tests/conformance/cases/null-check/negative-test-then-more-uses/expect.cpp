bool LootAction::IsPossible()
{
    Creature* corpse = botAI->GetCreature(m_lootGuid);
    if (!corpse)
        return false;

    if (!corpse->IsAlive())
    {
        Loot* loot = &corpse->loot;
        return !loot->isLooted();
    }

    return corpse->HasFlag(UNIT_NPC_FLAGS, UNIT_NPC_FLAG_VENDOR);
}

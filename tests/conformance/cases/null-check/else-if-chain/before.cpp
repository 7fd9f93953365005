uint8 LootMgr::Kind(Item* item)
{
    if (m_isSkinning)
        return LOOT_SKINNING;
    else if (item->IsBag())
        return LOOT_BAG;
    return LOOT_CORPSE;
}

Item* Finder::Find(Player* bot, uint32 entry)
{
    Bag* bag = bot->GetBagByPos(INVENTORY_SLOT_BAG_START);
    uint32 slots = bag->GetBagSize();
    for (uint32 i = 0; i < slots; ++i)
        if (Item* item = bag->GetItemByPos(i))
            if (item->GetEntry() == entry)
                return item;
    return bot->GetItemByEntry(entry);
}

InventoryResult Player::InventoryCheck(uint32 entry)
{
    ItemTemplate const* proto = sObjectMgr->GetItemTemplate(entry);
    if (!proto)
        return EQUIP_ERR_ITEM_NOT_FOUND;

    ItemLimit const* limit = sLimitStore.LookupEntry(proto->ItemLimitCategory);
    uint32 const most = limit->Quantity;
    if (Count(entry) >= most)
        return EQUIP_ERR_TOO_MANY;

    return EQUIP_ERR_OK;
}

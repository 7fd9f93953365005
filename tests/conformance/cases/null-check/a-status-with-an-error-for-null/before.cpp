InventoryResult Player::CanBankItem(Item* item, Bag* bag) const
{
    if (!item)
        return EQUIP_ERR_ITEM_NOT_FOUND;

    if (bag->IsLocked())
        return EQUIP_ERR_BAG_FULL;

    return EQUIP_ERR_OK;
}

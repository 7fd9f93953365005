InventoryResult Player::CanEquipUnique(Item* item, uint8 slot) const
{
    ItemTemplate const* proto = item->GetTemplate();
    if (proto->RequiredLevel > GetLevel())
        return EQUIP_ERR_CANT_EQUIP_LEVEL_I;

    return EQUIP_ERR_OK;
}

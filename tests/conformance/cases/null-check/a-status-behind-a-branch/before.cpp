InventoryResult Player::InventoryCheck(Item* item)
{
    if (m_isAlive)
    {
        item->SetState(ITEM_CHANGED);
    }
    return EQUIP_ERR_OK;
}

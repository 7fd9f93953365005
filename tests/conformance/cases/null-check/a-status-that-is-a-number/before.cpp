uint8 Player::CanStore(Item* item)
{
    if (m_isFull)
        return EQUIP_ERR_INV_FULL;

    uint32 const entry = item->GetEntry();
    m_checked.insert(entry);
    return EQUIP_ERR_OK;
}

StoreResult Store::Check(Bag* bag, Item* item)
{
    if (!bag)
        return STORE_ERR_NO_BAG;

    if (m_isLocked)
        return STORE_ERR_LOCKED;
    else if (!item)
        return STORE_ERR_NO_BAG;
    else if (item->IsBag())
        return STORE_ERR_BAG_IN_BAG;

    return STORE_OK;
}

int32 Vendor::FindSlot(Item const* item) const
{
    if (!item)
        return -1;

    uint32 const entry = item->GetEntry();
    for (uint32 i = 0; i < m_items.size(); ++i)
        if (m_items[i].Entry == entry)
            return i;
    return -1;
}

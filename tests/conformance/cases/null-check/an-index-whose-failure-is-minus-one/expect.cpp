int32 Bag::FindSlot(uint32 entry) const
{
    for (uint8 slot = 0; slot < m_size; ++slot)
        if (m_entries[slot] == entry)
            return slot;

    BagIndex const* index = m_index;
    if (entry == 0)
        return -1;

    if (!index)
        return -1;

    return index->Find(entry);
}

uint32 Inventory::IndexOf(uint32 entry) const
{
    uint32 index = 0;
    while (index < m_count && m_items[index]->GetEntry() != entry)
        ++index;

    return index;
}

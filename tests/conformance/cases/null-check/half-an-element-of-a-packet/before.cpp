void Loot::Write(WorldPacket& data)
{
    for (LootItem* item : m_items)
    {
        data << uint8(m_slot);
        uint32 const entry = item->GetEntry();
        data << entry;
    }
}

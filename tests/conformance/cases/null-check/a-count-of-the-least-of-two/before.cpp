void Vendor::List(WorldSession* session)
{
    WorldPacket data(SMSG_LIST_INVENTORY);
    uint8 const items = uint8(std::min<size_t>(m_items.size(), MAX_VENDOR_ITEMS));
    data << items;
    for (VendorItem const* item : m_items)
    {
        ItemTemplate const* proto = sObjectMgr->GetItemTemplate(item->Entry);
        uint32 const display = proto->DisplayInfoID;
        data << display;
    }
    session->SendPacket(&data);
}

void Tool::Send(WorldPacket& data, Item* item)
{
    item->SetState(ITEM_CHANGED);
    data.append(Describe(item));
    data.append(uint8(0));
}

bool Bag::HasFree(uint8 slot, bool checkOwner) const
{
    Item const* item = GetItemByPos(slot);
    if (checkOwner && item->GetOwnerGUID() != m_owner)
        return false;

    return true;
}

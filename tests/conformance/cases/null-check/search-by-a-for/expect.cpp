int32 Party::SlotOf(ObjectGuid guid) const
{
    int32 slot = 0;
    for (; slot < MAX_SLOTS && (!m_slots[slot] || m_slots[slot]->GetGUID() != guid); ++slot)
        ;

    return slot < MAX_SLOTS ? slot : -1;
}

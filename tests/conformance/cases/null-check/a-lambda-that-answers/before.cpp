uint32 Group::CountReady()
{
    return std::count_if(m_slots.begin(), m_slots.end(), [](MemberSlot const& slot) -> bool
    {
        Player* member = ObjectAccessor::FindPlayer(slot.guid);
        bool const ready = member->IsReady();
        return ready;
    });
}

bool Party::LeaderIs(ObjectGuid guid)
{
    if (m_isRaid && m_leader->GetGUID() == guid)
        return true;

    return m_owner == guid;
}

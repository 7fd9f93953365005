void MovementManager::Step(uint32 diff)
{
    m_stepping = true;

    Unit* leader = ObjectAccessor::GetUnit(*m_owner, m_leaderGuid);
    float const gap = leader->GetDistance(m_owner);
    if (gap > m_maxGap)
        RequestPath(leader, gap);

    m_elapsed += diff;
    m_stepping = false;
}

void GroupMgr::Prune(time_t now)
{
    for (auto itr = m_groups.begin(); itr != m_groups.end();)
    {
        Group* group = itr->second;
        if (m_kept.count(itr->first))
        {
            ++itr;
            continue;
        }
        time_t const idle = now - group->LastActive();
        m_idle.push_back(idle);
        itr = m_groups.erase(itr);
    }
}

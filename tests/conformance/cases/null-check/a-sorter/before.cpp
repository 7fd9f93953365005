void Stats::Sort()
{
    std::sort(m_entries.begin(), m_entries.end(), [](Entry const* left, Entry const* right)
    {
        return left->hits < m_limit;
    });
}

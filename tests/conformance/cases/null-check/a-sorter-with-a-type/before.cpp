void Stats::Sort()
{
    std::sort(m_entries.begin(), m_entries.end(), [this](Entry const* left, Entry const* right) -> bool
    {
        uint32 const own = left->hits;
        return own < m_limits[right->kind];
    });
}

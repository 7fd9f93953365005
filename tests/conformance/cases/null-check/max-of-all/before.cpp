uint32 Stats::Max()
{
    uint32 best = 0;
    for (Entry const* entry : m_entries)
        best = std::max(best, entry->hits);
    return best;
}

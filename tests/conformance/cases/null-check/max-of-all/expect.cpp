uint32 Stats::Max()
{
    uint32 best = 0;
    for (Entry const* entry : m_entries)
        if (entry)
            best = std::max(best, entry->hits);
    return best;
}

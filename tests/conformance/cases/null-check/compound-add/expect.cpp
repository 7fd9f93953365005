uint32 Stats::Sum()
{
    uint32 sum = 0;
    for (Entry const* entry : m_entries)
        if (entry)
            sum += entry->hits;
    return sum;
}

uint32 Stats::Sum()
{
    uint32 sum = 0;
    for (Entry const* entry : m_entries)
        sum += entry->hits;
    return sum;
}

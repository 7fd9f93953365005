void Stats::Add(Entry* entry)
{
    if (entry)
        entry->hits++;
    ++m_total;
}

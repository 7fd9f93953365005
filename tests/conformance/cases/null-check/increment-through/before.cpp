void Stats::Add(Entry* entry)
{
    entry->hits++;
    ++m_total;
}

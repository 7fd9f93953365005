Entry const* Stats::First(uint32 kind)
{
    Entry const* found = nullptr;
    for (auto it = m_entries.begin(); it != m_entries.end(); ++it)
    {
        Entry const* entry = *it;
        if (!entry)
            continue;

        if (kind && entry->kind != kind)
            continue;

        found = entry;
        break;
    }
    return found;
}

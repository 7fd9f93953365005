int32 Loader::Check(uint32 id)
{
    if (id > MAX_ID)
        return 2;

    Record const* record = m_store.LookupEntry(id);
    uint32 const version = record->GetVersion();
    if (version < MIN_VERSION)
        return 1;

    return 0;
}

void ItemStore::Load(QueryResult result)
{
    do
    {
        Field* fields = result->Fetch();
        Item* item = Find(fields[0].GetUInt32());
        uint32 const entry = item->GetEntry();
        m_entries.insert(entry);
    } while (result->NextRow());
}

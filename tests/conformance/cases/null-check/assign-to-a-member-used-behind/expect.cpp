void Bag::Cache(Item* item)
{
    if (!item)
        return;

    m_entry = item->GetEntry();
    m_cache[m_entry] = true;
}

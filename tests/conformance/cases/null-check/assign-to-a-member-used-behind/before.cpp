void Bag::Cache(Item* item)
{
    m_entry = item->GetEntry();
    m_cache[m_entry] = true;
}

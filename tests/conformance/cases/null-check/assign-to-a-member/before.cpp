void Bag::Cache(Item* item)
{
    m_entry = item->GetEntry();
}

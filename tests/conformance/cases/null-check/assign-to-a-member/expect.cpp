void Bag::Cache(Item* item)
{
    if (item)
        m_entry = item->GetEntry();
}

void Tool::Hand()
{
    while (!m_items.empty())
    {
        Item* item = m_items.front();
        item->SetState(ITEM_REMOVED);
        Destroy(item);
        m_items.pop_front();
    }
}

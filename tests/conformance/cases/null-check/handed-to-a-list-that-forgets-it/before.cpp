void Tool::Drop(Item* item)
{
    item->SetState(ITEM_REMOVED);
    m_items.erase(item);
    Save();
}

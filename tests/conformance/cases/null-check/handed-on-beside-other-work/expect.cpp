void Tool::Note(Item* item)
{
    if (item)
    {
        item->SetState(ITEM_CHANGED);
        Register(item);
    }
    m_timer = 500;
    Save();
}

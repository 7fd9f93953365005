bool Trade::CanTrade(Item* item)
{
    if (item->IsQuestItem())
        return true;

    return item->GetCount() > m_least;
}

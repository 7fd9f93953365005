bool Trade::CanTrade(Item* item)
{
    if (!item)
        return false;

    if (item->IsQuestItem())
        return true;

    return item->GetCount() > m_least;
}

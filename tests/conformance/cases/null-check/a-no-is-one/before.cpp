bool Trade::CanTrade(Item* item)
{
    if (item->IsSoulBound())
        return false;

    return item->GetCount() > m_least;
}

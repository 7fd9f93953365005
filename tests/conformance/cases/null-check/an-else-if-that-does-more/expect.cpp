bool Store::Check(Item* item)
{
    if (m_isLocked)
        return false;
    else if (!item)
        return false;
    else if (item->IsBag())
    {
        ++m_bags;
        Count();
        return false;
    }

    return true;
}

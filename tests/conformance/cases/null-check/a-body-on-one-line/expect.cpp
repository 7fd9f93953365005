bool Store::Check(Item* item)
{
    if (!item)
        return false;

    if (item->IsBag()) { ++m_bags; return false; }

    return true;
}

bool Store::Check(Item* item)
{
    if (item->IsBag()) { ++m_bags; return false; }

    return true;
}

bool Store::Check(Item* item)
{
    if (m_isLocked) {
        return false;
    } else if (item->IsBag()) {
        ++m_bags;
        return false;
    }

    return true;
}

bool LootAccess::IsOpen(Player const* looter) const
{
    if (!m_loot)
        return false;

    return m_isFreeForAll || looter->GetGUID() == m_owner;
}

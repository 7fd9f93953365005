bool LootAccess::IsClosed(Player const* looter) const
{
    return !(m_isShared && looter->IsInGroup(m_group));
}

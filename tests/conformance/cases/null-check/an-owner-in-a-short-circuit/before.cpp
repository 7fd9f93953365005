bool Vendor::IsOwner(Player* player) const
{
    if (m_hasOwner && player->GetGUID() == m_owner)
        return true;

    return !m_hasOwner;
}

bool Duel::IsFair(Player const* other) const
{
    return m_isStarted && !other->IsMounted() && other->GetLevel() >= m_minLevel;
}

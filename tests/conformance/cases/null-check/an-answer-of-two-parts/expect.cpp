bool Duel::IsFair(Player const* other) const
{
    return m_isStarted && other && !other->IsMounted() && other->GetLevel() >= m_minLevel;
}

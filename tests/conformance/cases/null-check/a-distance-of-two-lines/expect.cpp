float Player::DistanceBetween(Unit* other)
{
    if (m_isFar)
        return FLT_MAX;

    if (!other)
        return FLT_MAX;

    float const dx = m_x - other->GetPositionX();
    float const dy = m_y - other->GetPositionY();
    return std::sqrt(dx * dx + dy * dy);
}

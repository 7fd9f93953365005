int32 Path::LengthOf(Unit const* unit, Map const* map) const
{
    if (!unit)
        return -1;

    int32 length = m_base;
    if (m_isStraight && map)
        length += map->GetVisibilityRange();
    return length;
}

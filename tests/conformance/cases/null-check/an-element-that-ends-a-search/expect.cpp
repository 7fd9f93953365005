int32 Ai::IndexOf(ObjectGuid guid)
{
    int32 i = 0;
    for (Unit* unit : m_units)
    {
        if (unit && unit->GetGUID() == guid)
            return i;
        ++i;
    }
    return -1;
}

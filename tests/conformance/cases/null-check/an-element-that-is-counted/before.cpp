uint32 Raid::CountOthers(uint32 mapId) const
{
    uint32 others = 0;
    for (Player* member : m_members)
    {
        if (member->GetMapId() == mapId)
            continue;

        ++others;
    }
    return others;
}

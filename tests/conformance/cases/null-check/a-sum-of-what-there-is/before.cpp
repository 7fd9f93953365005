int32 Arena::Rate(ArenaTeam* own, ArenaTeam* other)
{
    if (!other)
        return -1;

    int32 change = 0;
    for (ArenaMember* member : own->Members())
        change += member->Change(other);
    return change;
}

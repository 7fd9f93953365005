ArenaError Arena::Status(ArenaTeam* own)
{
    switch (own->GetType())
    {
        case ARENA_TEAM_2v2:
            return ARENA_ERR_SMALL;
        default:
            break;
    }
    return ARENA_ERR_NONE;
}

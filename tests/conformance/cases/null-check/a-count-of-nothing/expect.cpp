uint32 Guild::OnlineCount(uint32 rank) const
{
    GuildRank const* found = GetRank(rank);
    if (!found)
        return 0;

    return found->CountOnline();
}

uint32 Guild::OnlineCount(uint32 rank) const
{
    GuildRank const* found = GetRank(rank);
    return found->CountOnline();
}

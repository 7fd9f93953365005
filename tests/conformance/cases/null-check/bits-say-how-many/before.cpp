void Guild::WriteRanks(WorldPacket& data)
{
    data.WriteBits(m_ranks.size(), 18);
    for (GuildRank* rank : m_ranks)
    {
        if (rank->IsHidden())
            data.WriteBit(true);
        else
            data.WriteBit(false);
    }
    data.FlushBits();
}

void Arena::BuildPvpLog(ByteBuffer& buf, std::vector<ScoreEntry*> const& entries)
{
    uint32 shown = 0;
    for (ScoreEntry* entry : entries)
        ++shown;
    buf.append<uint32>(shown);
    for (ScoreEntry* entry : entries)
    {
        uint32 const damage = entry->GetDamageDone();
        buf.append<uint32>(damage);
    }
}

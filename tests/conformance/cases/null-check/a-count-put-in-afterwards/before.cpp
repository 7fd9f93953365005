void Arena::BuildScores(ByteBuffer& buf)
{
    uint32 written = 0;
    std::size_t const place = buf.wpos();
    buf << uint32(written);
    for (ScoreEntry* entry : m_entries)
    {
        uint32 const damage = entry->GetDamageDone();
        buf << damage;
        ++written;
    }
    buf.put<uint32>(place, written);
}

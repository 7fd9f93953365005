void Guild::Write(WorldPacket& data)
{
    data << uint32(m_members.size());
    std::for_each(m_members.begin(), m_members.end(), [&data](Member* member)
    {
        uint8 const level = member->GetLevel();
        data << level;
    });
}

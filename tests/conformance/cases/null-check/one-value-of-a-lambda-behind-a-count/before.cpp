void Guild::Write(WorldPacket& data)
{
    data << uint32(m_members.size());
    ForEachMember([&data](Member* member)
    {
        data << member->GetLevel();
    });
}

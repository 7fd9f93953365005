void Guild::SendRoster(WorldSession* session)
{
    WorldPacket data(SMSG_GUILD_ROSTER, 4 + m_members.size() * 12);
    data << uint32(m_members.size());
    for (auto const& [guid, member] : m_members)
    {
        std::string const name = member->GetName();
        data << name;
        data << uint8(member->GetLevel());
    }
    session->SendPacket(&data);
}

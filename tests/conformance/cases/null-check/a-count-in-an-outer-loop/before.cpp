void Packet::CountedNested(WorldPacket& data)
{
    for (Group* group : m_groups)
    {
        data << uint8(group->Size());
        for (Player* player : group->Members())
        {
            uint64 const guid = player->GetRawGuid();
            data << guid;
        }
    }
}

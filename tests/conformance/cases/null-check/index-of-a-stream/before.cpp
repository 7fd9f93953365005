void Roster::Write(WorldPacket& data)
{
    uint8 index = 0;
    for (Player* member : m_members)
    {
        ObjectGuid const guid = member->GetGUID();
        data << guid;
        data << uint8(index);
        index++;
    }
}

void Packet::Names(WorldPacket& data)
{
    size_t const at = data.wpos();
    data << uint8(0);
    uint8 written = 0;
    for (Player* player : m_players)
    {
        if (player->IsHidden())
            continue;
        data << player->GetName();
        ++written;
    }
    data.put<uint8>(at, written);
}

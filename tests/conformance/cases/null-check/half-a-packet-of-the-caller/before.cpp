void Loot::WriteHead(WorldPacket& data, Player* owner)
{
    data << uint8(m_kind);
    uint32 const level = owner->GetLevel();
    data << level;
}

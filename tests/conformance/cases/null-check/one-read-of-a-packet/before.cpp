void LootHandler::Read(WorldPacket& recvData)
{
    uint32 money = 0;
    recvData >> m_loot->slot;
    recvData >> money;
    m_money += money;
}

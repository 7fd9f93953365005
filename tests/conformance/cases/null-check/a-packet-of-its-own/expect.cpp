void Loot::SendHead(Player* owner)
{
    WorldPacket data(SMSG_LOOT_HEAD, 5);
    data << uint8(m_kind);
    if (!owner)
        return;

    uint32 const level = owner->GetLevel();
    data << level;
    owner->SendDirectMessage(&data);
}

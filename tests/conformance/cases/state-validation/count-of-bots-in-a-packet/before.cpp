void BotMgr::SendPlaces(WorldSession* session)
{
    WorldPacket data(SMSG_BOT_PLACES);
    data << uint32(m_bots.size());
    for (Player* bot : m_bots)
    {
        float const x = bot->GetPositionX();
        data << x << bot->GetPositionY();
    }
    session->SendPacket(&data);
}

void BotAI::OnPacket(WorldPacket const& packet)
{
    switch (packet.GetOpcode())
    {
        case SMSG_CAST_FAILED:
        {
            if (!m_bot->IsInWorld() || m_bot->IsBeingTeleported())
                break;

            uint32 const zone = m_bot->GetZoneId();
            Retry(m_bot, zone);
            break;
        }
        default:
            break;
    }
    ++m_handled;
}

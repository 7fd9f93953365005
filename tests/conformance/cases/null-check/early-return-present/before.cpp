void WorldSession::SendPacket(WorldPacket const* packet)
{
    if (!m_Socket)
        return;

    m_Socket->CloseSocket();
}

void WorldSession::KickPlayer()
{
    if (m_Socket)
        m_Socket->CloseSocket();
}

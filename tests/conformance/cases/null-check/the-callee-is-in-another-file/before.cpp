void WorldSession::KickPlayer()
{
    m_Socket->CloseSocket();
}

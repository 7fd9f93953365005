void WorldSession::Close()
{
    m_Socket->CloseSocket();
}

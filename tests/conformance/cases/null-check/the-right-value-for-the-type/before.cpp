uint32 WorldSession::Close()
{
    return m_Socket->CloseSocket();
}

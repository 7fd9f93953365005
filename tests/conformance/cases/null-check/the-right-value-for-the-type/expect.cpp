uint32 WorldSession::Close()
{
    if (!m_Socket)
        return 0;

    return m_Socket->CloseSocket();
}

ConnectionState WorldSession::State()
{
    return m_Socket->CloseSocket();
}

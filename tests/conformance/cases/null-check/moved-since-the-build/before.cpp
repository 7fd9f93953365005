void WorldSession::Open()
{
    m_Socket = Connect();
}

void WorldSession::Close()
{
    m_Socket->CloseSocket();
}

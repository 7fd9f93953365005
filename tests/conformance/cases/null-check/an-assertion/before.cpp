void WorldSession::Close()
{
    ASSERT(m_Socket->CloseSocket());
}

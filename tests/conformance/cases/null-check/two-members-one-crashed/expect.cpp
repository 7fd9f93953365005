void WorldSession::Close()
{
    m_Queue->Clear();
    if (m_Socket)
        m_Socket->CloseSocket();
    m_Warden->Stop();
}

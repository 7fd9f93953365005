void WorldSession::Close()
{
    m_Queue->Clear();
    m_Socket->CloseSocket();
    m_Warden->Stop();
}

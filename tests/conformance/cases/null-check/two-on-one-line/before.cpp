void WorldSession::Close()
{
    m_Queue->Take(m_Socket->Next());
}

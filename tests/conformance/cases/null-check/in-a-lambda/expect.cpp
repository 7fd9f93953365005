void WorldSession::Defer(Pool& pool)
{
    pool.Enqueue([this]
    {
        Touch();
        if (m_Socket)
            m_Socket->CloseSocket();
    });
}

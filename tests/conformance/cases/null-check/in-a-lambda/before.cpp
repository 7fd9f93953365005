void WorldSession::Defer(Pool& pool)
{
    pool.Enqueue([this]
    {
        Touch();
        m_Socket->CloseSocket();
    });
}

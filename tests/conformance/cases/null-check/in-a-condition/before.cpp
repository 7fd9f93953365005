void WorldSession::Update(uint32 diff)
{
    if (m_Socket->CloseSocket() && diff > 10)
        Forget();
}

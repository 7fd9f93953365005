void WorldSession::Update()
{
    if (m_Socket->CloseSocket())
        Forget();
    else
        Retry();
}

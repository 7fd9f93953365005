#define GUARDED(x) do { x; } while (0)

void WorldSession::Update(uint32 diff)
{
    GUARDED(Tick(diff));
#ifdef WITH_IDLE
    if (m_Socket)
        m_Socket->CloseSocket();
#endif
}

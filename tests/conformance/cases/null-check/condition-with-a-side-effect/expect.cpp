void Timer::Check(Session* session)
{
    if (++m_ticks > 10 && session && session->IsIdle())
        Kick();
}

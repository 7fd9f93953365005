void Timer::Check(Session* session)
{
    if (++m_ticks > 10 && session->IsIdle())
        Kick();
}

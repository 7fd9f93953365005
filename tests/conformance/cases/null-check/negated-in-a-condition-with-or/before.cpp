bool Timer::Hold(Session* session)
{
    if (m_isClosed || !session->IsOpen())
        return true;

    return m_isHeld;
}

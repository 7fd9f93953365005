void Farm::Stop(Session* session)
{
    m_pool.Run([session]()
    {
        session->LogoutPlayer(false);
    });
}

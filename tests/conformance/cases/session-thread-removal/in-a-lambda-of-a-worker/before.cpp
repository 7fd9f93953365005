void Farm::Stop(Session* session)
{
    m_pool.Run([session]()
    {
        Player* player = session->GetPlayer();
        if (player && player->IsInWorld())
            player->RemoveFromWorld();
        session->LogoutPlayer(false);
    });
}

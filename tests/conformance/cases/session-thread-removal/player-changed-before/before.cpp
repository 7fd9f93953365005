void Ai::Leave(WorldSession* session, Player* master)
{
    Player* player = session->GetPlayer();
    if (m_after)
        player = master;
    player->RemoveFromWorld();
    session->LogoutPlayer(false);
}

void Ai::Leave(WorldSession* session)
{
    Player* player = session->DetachPlayer();
    player->RemoveFromWorld();
    session->LogoutPlayer(false);
}

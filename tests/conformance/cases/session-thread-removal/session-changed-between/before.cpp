void Ai::Leave(WorldSession* session, WorldSession* next)
{
    Player* player = session->GetPlayer();
    player->RemoveFromWorld();
    session = next;
    session->LogoutPlayer(false);
}

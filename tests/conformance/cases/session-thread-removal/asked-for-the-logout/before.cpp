void Ai::Leave(WorldSession* session)
{
    Player* player = session->GetPlayer();
    player->RemoveFromWorld();
    bool const out = !player->IsInWorld();
    session->LogoutPlayer(out);
}

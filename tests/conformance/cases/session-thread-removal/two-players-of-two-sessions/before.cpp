void Ai::Leave(WorldSession* first, WorldSession* second)
{
    Player* player = first->GetPlayer();
    player->RemoveFromWorld();
    second->LogoutPlayer(false);
}

void Ai::Leave(WorldSession* session, Player* other)
{
    if (other->IsInWorld())
        other->RemoveFromWorld();
    session->LogoutPlayer(false);
}

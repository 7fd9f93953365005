void Ai::Leave(WorldSession* session)
{
    Player* player = session->GetPlayer();
    player->RemoveFromWorld();
    if (!player->IsInWorld())
        ++m_after;
    session->LogoutPlayer(false);
}

void BotSession::Halt(WorldSession* session)
{
    Player* player = session->GetPlayer();
    bool removed = false;
    if (player && player->IsInWorld())
    {
        player->RemoveFromWorld();
        removed = true;
    }

    if (removed)
        sObjectAccessor->RemoveObject(player);

    session->LogoutPlayer(false);
}

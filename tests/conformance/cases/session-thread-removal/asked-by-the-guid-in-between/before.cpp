void BotSession::Part(WorldSession* session)
{
    Player* player = session->GetPlayer();
    if (!player)
        return;

    ObjectGuid const guid = player->GetGUID();
    if (player->IsInWorld())
        player->RemoveFromWorld();

    // looks for the guid in the world: found means still busy
    if (!sBotRegistry->TryRelease(guid))
        TC_LOG_ERROR("playerbot", "{} is still in the world", guid.ToString());

    session->LogoutPlayer(true);
}

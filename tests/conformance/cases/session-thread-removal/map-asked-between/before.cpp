void BotLogout::Count(WorldSession* session, Map* map)
{
    Player* player = session->GetPlayer();
    player->RemoveFromWorld();
    if (!map->HavePlayers())
        map->SetUnload();
    session->LogoutPlayer(false);
}

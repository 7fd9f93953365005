void BotSessionEnhanced::Cleanup()
{
    Player* player = GetPlayer();
    if (!player)
        return;

    if (player->IsInWorld())
        player->RemoveFromWorld();

    LogoutPlayer(false);
}

void BotSessionEnhanced::Cleanup()
{
    Player* player = GetPlayer();
    if (!player)
        return;

    LogoutPlayer(false);
}

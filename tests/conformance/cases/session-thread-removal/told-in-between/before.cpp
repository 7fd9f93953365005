void BotSession::Quit()
{
    Player* player = GetPlayer();
    if (!player)
        return;

    player->RemoveFromWorld();
    // sends SMSG_DESTROY_OBJECT itself; must run with the player gone from the grid
    sBotVisibility->Forget(player);
    LogoutPlayer(true);
}

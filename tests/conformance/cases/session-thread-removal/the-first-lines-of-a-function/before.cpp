void ScoutSession::Close()
{
    Player* scout = GetPlayer();
    if (scout && scout->IsInWorld())
        scout->RemoveFromWorld();

    LogoutPlayer(true);
}

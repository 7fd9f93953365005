void ScoutSession::Close()
{
    LogoutPlayer(true);
}

void BotLogout::Careful(WorldSession* session)
{
    session->LogoutPlayer(false);
}

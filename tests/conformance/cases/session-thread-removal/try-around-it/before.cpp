void BotLogout::Careful(WorldSession* session)
{
    Player* player = session->GetPlayer();
    try
    {
        player->RemoveFromWorld();
    }
    catch (std::exception const& error)
    {
        LOG_ERROR("playerbots", "removal failed: {}", error.what());
        return;
    }
    session->LogoutPlayer(false);
}

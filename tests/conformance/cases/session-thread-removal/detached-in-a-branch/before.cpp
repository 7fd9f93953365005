void BotFarm::Release(WorldSession* session)
{
    Player* bot = session->GetPlayer();
    bot->RemoveFromWorld();
    if (m_isShuttingDown)
        session->DetachPlayer();
    session->LogoutPlayer(true);
}

void BotMgr::Later(WorldSession* session)
{
    Player* bot = session->GetPlayer();
    bot->RemoveFromWorld();
    session->SetPlayerLoading(false);
    m_botCount = m_botCount - 1;
    session->LogoutPlayer(true);
}

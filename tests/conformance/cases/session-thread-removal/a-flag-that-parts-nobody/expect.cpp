void BotMgr::Later(WorldSession* session)
{
    session->SetPlayerLoading(false);
    m_botCount = m_botCount - 1;
    session->LogoutPlayer(true);
}

void Sessions::Drop(Session* session)
{
    if (Player* bot = session->GetPlayer())
    {
        bot->RemoveFromWorld();
        session->LogoutPlayer(false);
    }
}

void WorldEntry::Cleanup()
{
    LOG("entry", "clean up");

    if (m_player && m_player->IsInWorld())
    {
        m_player->RemoveFromWorld();
    }
    m_session->LogoutPlayer(false);
    m_player = nullptr;
}

void Sessions::Drop(Session* session)
{
    if (Player* bot = session->GetPlayer())
    {
        session->LogoutPlayer(false);
    }
}

void WorldEntry::Cleanup()
{
    LOG("entry", "clean up");

    m_session->LogoutPlayer(false);
    m_player = nullptr;
}

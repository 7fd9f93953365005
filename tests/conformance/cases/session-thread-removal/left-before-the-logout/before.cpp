void Sessions::Drop(Session* session)
{
    Player* bot = session->GetPlayer();
    bot->RemoveFromWorld();
    if (m_isClosing)
        return;

    session->LogoutPlayer(true);
}

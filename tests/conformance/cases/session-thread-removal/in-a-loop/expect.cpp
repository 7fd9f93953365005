void Farm::LogoutAll()
{
    for (auto& [guid, session] : _sessions)
    {
        Player* puppet = session->GetPlayer();
        if (!puppet)
            continue;

        session->LogoutPlayer(true);
    }
    _sessions.clear();
}

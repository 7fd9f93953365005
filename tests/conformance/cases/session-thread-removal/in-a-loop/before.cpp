void Farm::LogoutAll()
{
    for (auto& [guid, session] : _sessions)
    {
        Player* puppet = session->GetPlayer();
        if (!puppet)
            continue;

        puppet->RemoveFromWorld();
        session->LogoutPlayer(true);
    }
    _sessions.clear();
}

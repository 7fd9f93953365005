void Sessions::Drop(Session* session, bool save)
{
    Player* bot = session->GetPlayer();
    bot->RemoveFromWorld();
    if (save)
        session->LogoutPlayer(true);
}

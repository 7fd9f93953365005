void Sessions::Move(Session* session, Map* next)
{
    Player* bot = session->GetPlayer();
    bot->RemoveFromWorld();
    bot->ResetMap();
    session->LogoutPlayer(true);
}

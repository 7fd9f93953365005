void Sessions::Drop(Session* session)
{
    Player* bot = session->GetPlayer();
    bot->RemoveFromWorld();
    session->LogoutPlayer(false);
}

void Sessions::Hide(Session* session)
{
    Player* bot = session->GetPlayer();
    bot->RemoveFromWorld();
    bot->ResetMap();
}

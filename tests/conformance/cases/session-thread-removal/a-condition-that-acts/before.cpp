void Sessions::Drop(Session* session)
{
    Player* bot = session->GetPlayer();
    if (bot->SaveToDB())
        bot->RemoveFromWorld();
    session->LogoutPlayer(false);
}

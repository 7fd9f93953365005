void Sessions::Drop(Session* session)
{
    Player* bot = session->GetPlayer();
    if (bot->IsInWorld())
        bot->RemoveFromWorld();
    else
        bot->CancelLogin();
    session->LogoutPlayer(false);
}

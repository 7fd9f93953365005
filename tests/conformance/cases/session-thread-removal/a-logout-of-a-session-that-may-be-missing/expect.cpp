void Sessions::Drop(Player* bot)
{
    if (WorldSession* session = bot->GetSession())
        session->LogoutPlayer(false);
}

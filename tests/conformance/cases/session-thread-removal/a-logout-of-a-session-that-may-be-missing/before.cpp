void Sessions::Drop(Player* bot)
{
    if (bot->IsInWorld())
        bot->RemoveFromWorld();
    if (WorldSession* session = bot->GetSession())
        session->LogoutPlayer(false);
}

void BotMgr::Quit(Player* bot)
{
    auto* session = bot->GetSession();
    if (bot->IsInWorld())
    {
        bot->RemoveFromWorld();
    }
    if (session)
        session->LogoutPlayer(true);
}

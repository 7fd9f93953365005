void BotMgr::Quit(Player* bot)
{
    auto* session = bot->GetSession();
    if (session)
        session->LogoutPlayer(true);
}

void BotFarm::Release(WorldSession* session)
{
    Player* bot = session->GetPlayer();
    if (!bot)
        return;

    bot->RemoveFromWorld();
    session->LogoutPlayer(true);
    session->SetPlayer(nullptr);
}

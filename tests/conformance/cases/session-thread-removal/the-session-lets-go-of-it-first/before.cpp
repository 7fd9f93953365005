void BotFarm::Release(WorldSession* session)
{
    Player* bot = session->GetPlayer();
    if (!bot)
        return;

    bot->RemoveFromWorld();
    session->SetPlayer(nullptr);
    session->LogoutPlayer(true);
}

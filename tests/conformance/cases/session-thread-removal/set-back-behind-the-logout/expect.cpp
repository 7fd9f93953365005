void BotFarm::Release(WorldSession* session)
{
    Player* bot = session->GetPlayer();
    if (!bot)
        return;

    session->LogoutPlayer(true);
    session->SetPlayer(nullptr);
}

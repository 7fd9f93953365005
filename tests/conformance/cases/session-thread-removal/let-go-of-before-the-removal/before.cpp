void BotFarm::Release(WorldSession* session)
{
    Player* bot = session->GetPlayer();
    session->SetPlayer(nullptr);
    bot->RemoveFromWorld();
    session->LogoutPlayer(true);
}

void BotFarm::Unbind(Player* bot)
{
    WorldSession* session = bot->GetSession();
    bot->RemoveFromWorld();
    bot->SetSession(nullptr);
    session->LogoutPlayer(true);
}

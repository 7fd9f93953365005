void BotSession::Stop()
{
    Player* puppet = GetPlayer();
    puppet->RemoveFromWorld();
    _player = nullptr;
    LogoutPlayer(false);
}

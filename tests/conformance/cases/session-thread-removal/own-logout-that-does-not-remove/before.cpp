void BotSession::LogoutPlayer(bool save)
{
    if (save)
        _player->SaveToDB();

    delete _player;
    _player = nullptr;
}

void BotSession::Close()
{
    Player* player = GetPlayer();
    player->RemoveFromWorld();
    LogoutPlayer(false);
}

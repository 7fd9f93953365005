void BotSession::Cut()
{
    Player* mine = GetPlayer();
    if (mine && mine->IsInWorld())
        mine->RemoveFromWorld();
    std::exchange(m_player, nullptr);
    LogoutPlayer(true);
}

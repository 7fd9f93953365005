void BotLogout::Alias(WorldSession* session)
{
    Player* player = session->GetPlayer();
    Player const* const same = player;
    player->RemoveFromWorld();
    if (!same->IsInWorld())
        m_gone.insert(same->GetGUID());
    session->LogoutPlayer(false);
}

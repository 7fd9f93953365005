void Ai::Go(float guid)
{
    Player* player = m_bot;
    player->m_Events.AddEventAtOffset([playerGuid = player->GetGUID(), guid]() mutable
    {
        Player* player = ObjectAccessor::FindConnectedPlayer(playerGuid);
        if (!player || !player->IsInWorld() || player->IsAlive())
            return;

        player->ResurrectPlayer(guid);
    }, 100ms);
    ++m_after;
}

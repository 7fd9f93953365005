void Ai::Go(float guid)
{
    Player* player = m_bot;
    player->ResurrectPlayer(guid);
    ++m_after;
}

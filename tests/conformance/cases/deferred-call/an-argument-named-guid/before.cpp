void Ai::Go(Player* bot, float guid, bool player)
{
    bot->ResurrectPlayer(guid, player);
    ++m_after;
}

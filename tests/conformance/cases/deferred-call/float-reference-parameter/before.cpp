void Medic::Share(Player* bot, float const& share, bool sick)
{
    if (!bot->isDead())
        return;

    bot->ResurrectPlayer(share, sick);
    ++m_count;
}

void Reviver::Run(Player* bot)
{
    bot->ResurrectPlayer(0.5f);
    m_state = BOT_ALIVE;
}

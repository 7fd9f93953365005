void A::Run(Player* bot)
{
    if (bot->IsAlive())
        ++m_alive;
    else bot->BuildPlayerRepop();
}

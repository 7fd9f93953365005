void A::Run(Player* bot, int state)
{
    switch (state)
    {
        case 1: bot->BuildPlayerRepop(); break;
        case 2: bot->Stop(); break;
    }
}

void A::Run()
{
    if (Player* bot = GetBot())
        bot->BuildPlayerRepop();
}

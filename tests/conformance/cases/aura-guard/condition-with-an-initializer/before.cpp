void A::Run()
{
    if (Player* bot = GetBot(); bot && bot->IsDead())
        bot->BuildPlayerRepop();
}

void A::Run()
{
    if (Player* bot = GetBot())
        if (!bot->HasAura(8326))
            bot->BuildPlayerRepop();
}

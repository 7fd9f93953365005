void A::Run()
{
    if (Player* bot = GetBot(); bot && bot->IsDead() && !bot->HasAura(8326))
        bot->BuildPlayerRepop();
}

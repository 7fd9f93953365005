void A::Run(Player* bot, bool now)
{
    bot->BuildPlayerRepop();
    if (now)
        bot->CastSpell(bot, 8326, true);
}

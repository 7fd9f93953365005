void A::Run(Player* bot)
{
    if (bot->IsAlive())
        bot->Kill();
    else
        bot->CastSpell(bot, 8326, true);
}

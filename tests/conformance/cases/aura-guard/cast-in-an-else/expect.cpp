void A::Run(Player* bot)
{
    if (bot->IsAlive())
        bot->Kill();
    else if (!bot->HasAura(8326))
        bot->CastSpell(bot, 8326, true);
}

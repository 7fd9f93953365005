void A::Run(Player* bot)
{
    if (bot->IsAlive())
        return Note(bot);
    else
        return bot->BuildPlayerRepop();
}

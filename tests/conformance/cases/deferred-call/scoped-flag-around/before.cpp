void Medic::Quietly(Player* bot)
{
    ScopedProcBlock block(bot);
    bot->ResurrectPlayer(1.0f, false);
}

void BotDeath::Tick(Player* bot)
{
    bool const released = bot->HasAura(8326);
    if (!bot->IsAlive() && !released)
    {
        bot->BuildPlayerRepop();
    }
}

void DeathRecovery::Release(Player* bot)
{
    if (bot->HasAura(20584))
        return;

    bot->BuildPlayerRepop();
}

void DeathRecovery::Release(Player* bot)
{
    if (bot->HasAura(20584))
        return;

    if (!bot->HasAura(8326))
        bot->BuildPlayerRepop();
}

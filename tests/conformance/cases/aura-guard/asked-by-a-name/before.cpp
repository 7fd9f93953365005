void DeathRecovery::Release(Player* bot)
{
    if (bot->HasAura(SPELL_GHOST))
        return;

    bot->BuildPlayerRepop();
}

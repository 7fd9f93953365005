void DeathRecoveryManager::Release(Player* bot)
{
    if (bot->IsAlive())
        return;

    if (!bot->HasAura(8326))
        bot->BuildPlayerRepop();
    bot->RepopAtGraveyard();
}

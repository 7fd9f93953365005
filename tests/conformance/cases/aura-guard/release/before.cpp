void DeathRecoveryManager::Release(Player* bot)
{
    if (bot->IsAlive())
        return;

    bot->BuildPlayerRepop();
    bot->RepopAtGraveyard();
}

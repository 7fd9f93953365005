void Undertaker::Bury(Player* victim)
{
    victim->KillPlayer();
    if (!victim->HasAura(8326))
        victim->BuildPlayerRepop();
    victim->SendUpdate();
}

void Undertaker::Bury(Player* victim)
{
    if (!victim->HasAura(8326))
        victim->BuildPlayerRepop();
    victim->SendUpdate();
}

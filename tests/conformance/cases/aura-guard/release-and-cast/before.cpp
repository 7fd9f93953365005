void Undertaker::Bury(Player* victim)
{
    victim->KillPlayer();
    victim->BuildPlayerRepop();
    victim->CastSpell(victim, 8326, true);
    victim->SendUpdate();
}

void Undertaker::Bury(Player* victim)
{
    victim->BuildPlayerRepop();
    victim->CastSpell(victim, 8326, true);
    victim->SendUpdate();
}

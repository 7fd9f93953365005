void Herder::Settle(Creature* wolf)
{
    wolf->BuildPlayerRepop();
}

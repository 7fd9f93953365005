void Herder::Settle(Player* sheep)
{
    if (!sheep || !sheep->IsInWorld() || sheep->IsBeingTeleportedFar())
        return;

    sheep->BuildPlayerRepop();
}

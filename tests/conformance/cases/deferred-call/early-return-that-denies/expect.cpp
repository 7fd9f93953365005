void Herder::Settle(Player* sheep)
{
    if (!sheep || !sheep->IsInWorld() || sheep->IsBeingTeleportedFar())
        return;

    sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID()]()
    {
        Player* sheep = ObjectAccessor::FindConnectedPlayer(guid);
        if (!sheep || !sheep->IsInWorld() || sheep->IsBeingTeleportedFar() || sheep->IsAlive())
            return;

        sheep->BuildPlayerRepop();
    }, 100ms);
}

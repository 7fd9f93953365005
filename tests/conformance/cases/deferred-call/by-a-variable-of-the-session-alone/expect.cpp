void Ferry::Arrive(Player* rider, WorldPacket ack)
{
    rider->m_Events.AddEventAtOffset([guid = rider->GetGUID(), ack]() mutable
    {
        Player* rider = ObjectAccessor::FindConnectedPlayer(guid);
        if (!rider || !rider->IsInWorld() || !rider->IsBeingTeleportedNear())
            return;

        rider->GetSession()->HandleMoveTeleportAck(ack);
    }, 100ms);
}

void PuppetAI::AckTeleport()
{
    puppet->StopMoving();
    if (puppet->IsBeingTeleportedNear())
    {
        if (!puppet->IsInWorld())
        {
            puppet->GetMap()->AddPlayerToMap(puppet);
        }

        while (puppet->IsInWorld() && puppet->IsBeingTeleportedNear())
        {
            Player* mover = puppet->m_mover->ToPlayer();
            if (!mover)
                return;

            WorldPacket p = WorldPacket(MSG_MOVE_TELEPORT_ACK, 20);
            p << mover->GetPackGUID();
            p << (uint32)0;
            p << (uint32)time(0);
            puppet->GetSession()->HandleMoveTeleportAck(p);
        };
    }

    if (puppet->IsBeingTeleportedFar())
    {
        while (puppet->IsBeingTeleportedFar())
        {
            puppet->GetSession()->HandleMoveWorldportAck();
        }

        ApplyStrategies(puppet->GetMapId());
        Reset();
    }

    SetNextDelay(m_delay);
}

void PuppetAI::AckTeleport()
{
    if (IsRealPlayer())
        return;

    puppet->GetMotionMaster()->Clear(true);
    if (puppet->IsBeingTeleportedNear())
    {
        while (puppet->IsInWorld() && puppet->IsBeingTeleportedNear())
        {
            Player* mover = puppet->m_mover->ToPlayer();
            if (!mover)
                break;

            WorldPacket p = WorldPacket(MSG_MOVE_TELEPORT_ACK, 20);
            p << mover->GetPackGUID();
            p << (uint32)0;
            puppet->m_Events.AddEventAtOffset([guid = puppet->GetGUID(), p]() mutable
            {
                Player* puppet = ObjectAccessor::FindConnectedPlayer(guid);
                if (!puppet || !puppet->IsInWorld() || !puppet->IsBeingTeleportedNear())
                    return;

                puppet->GetSession()->HandleMoveTeleportAck(p);
            }, 100ms);
            break;
        }
    }
    else if (puppet->IsBeingTeleportedFar())
    {
        while (puppet->IsBeingTeleportedFar())
        {
            puppet->GetSession()->HandleMoveWorldportAck();
        }
    }
}

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
            puppet->GetSession()->HandleMoveTeleportAck(p);
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

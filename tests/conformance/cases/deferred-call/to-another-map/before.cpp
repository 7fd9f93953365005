void PuppetAI::AckTeleport()
{
    while (puppet->IsBeingTeleportedFar())
    {
        puppet->GetSession()->HandleMoveWorldportAck();
    }
}

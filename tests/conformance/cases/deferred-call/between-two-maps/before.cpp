void PuppetAI::AckTeleport()
{
    if (puppet->IsBeingTeleportedFar())
        puppet->RepopAtGraveyard();
}

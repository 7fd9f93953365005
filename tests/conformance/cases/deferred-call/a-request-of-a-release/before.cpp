bool ReleaseSpiritAction::Execute(Event /*event*/)
{
    if (bot->IsAlive())
    {
        botAI->TellMasterNoFacing("I am not dead");
        return false;
    }

    if (bot->HasPlayerFlag(PLAYER_FLAGS_GHOST))
        return false;

    WorldPacket packet(CMSG_REPOP_REQUEST);
    packet << uint8(0);
    bot->GetSession()->HandleRepopRequestOpcode(packet);
    return true;
}

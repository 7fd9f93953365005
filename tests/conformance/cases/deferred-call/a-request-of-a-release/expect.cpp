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
    bot->m_Events.AddEventAtOffset([guid = bot->GetGUID(), packet]() mutable
    {
        Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
        if (!bot || !bot->IsInWorld() || bot->IsAlive() || bot->HasPlayerFlag(PLAYER_FLAGS_GHOST))
            return;

        bot->GetSession()->HandleRepopRequestOpcode(packet);
    }, 100ms);
    return true;
}

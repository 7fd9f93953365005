bool ReleaseAction::Execute(Event event)
{
    Player* bot = ai->GetBot();
    if (bot->IsAlive())
    {
        return false;
    }

    WorldPacket packet(CMSG_REPOP_REQUEST);
    bot->GetSession()->HandleRepopRequestOpcode(packet);
    return true;
}

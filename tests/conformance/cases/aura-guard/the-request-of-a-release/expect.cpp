bool ReleaseAction::Execute(Event event)
{
    Player* bot = ai->GetBot();
    if (bot->IsAlive())
    {
        return false;
    }

    WorldPacket packet(CMSG_REPOP_REQUEST);
    if (!bot->HasAura(8326))
    {
        bot->GetSession()->HandleRepopRequestOpcode(packet);
    }
    return true;
}

void Party::SendLooter(Creature* creature, Player* looter)
{
    WorldPacket data(SMSG_LOOT_LIST, 8 + 8);
    data << creature->GetGUID();
    if (!looter)
        return;

    data << looter->GetPackGUID();
    BroadcastPacket(&data, false);
}

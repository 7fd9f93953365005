void Party::SendLooter(Creature* creature, Player* looter)
{
    WorldPacket data(SMSG_LOOT_LIST, 8 + 8);
    data << creature->GetGUID();
    data << looter->GetPackGUID();
    BroadcastPacket(&data, false);
}

void BotAsync::OnDbLoaded(ObjectGuid guid)
{
	Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
	if (!bot)
		return;

	WorldPacket ack(MSG_MOVE_TELEPORT_ACK, 16);
	ack << bot->GetPackGUID() << uint32(0) << uint32(getMSTime());
	bot->GetSession()->HandleMoveTeleportAck(ack);
}

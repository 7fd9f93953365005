bool Ferry::Arrive(Player* rider)
{
	WorldSession* session = rider->GetSession();
	if (!session)
		return false;

	WorldPacket ack(MSG_MOVE_TELEPORT_ACK, 20);
	ack << rider->GetPackGUID() << uint32(0) << uint32(0);
	session->HandleMoveTeleportAck(ack);
	return true;
}

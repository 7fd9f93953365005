bool Ferry::Arrive(Player* rider)
{
	WorldSession* session = rider->GetSession();
	if (!session)
		return false;

	WorldPacket ack(MSG_MOVE_TELEPORT_ACK, 20);
	ack << rider->GetPackGUID() << uint32(0) << uint32(0);
	rider->m_Events.AddEventAtOffset([guid = rider->GetGUID(), ack]() mutable
	{
		Player* rider = ObjectAccessor::FindConnectedPlayer(guid);
		if (!rider || !rider->IsInWorld() || !rider->IsBeingTeleportedNear())
			return;

		rider->GetSession()->HandleMoveTeleportAck(ack);
	}, 100ms);
	return true;
}

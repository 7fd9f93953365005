void Herder::Settle(Player* sheep) {
	if (sheep->IsBeingTeleportedNear()) {
		WorldPacket note(MSG_ACK, 4);
		sheep->GetSession()->HandleMoveTeleportAck(note);
	}
	m_timer = Milliseconds(50);
}

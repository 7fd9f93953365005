void Herder::Settle(Player* sheep) {
	if (sheep->IsBeingTeleportedNear()) {
		WorldPacket note(MSG_ACK, 4);
		sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID(), note]() mutable {
			Player* sheep = ObjectAccessor::FindConnectedPlayer(guid);
			if (!sheep || !sheep->IsInWorld() || !sheep->IsBeingTeleportedNear())
				return;

			sheep->GetSession()->HandleMoveTeleportAck(note);
		}, Milliseconds(100));
	}
	m_timer = Milliseconds(50);
}

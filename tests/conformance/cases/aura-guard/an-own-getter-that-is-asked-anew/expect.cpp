void Session::HandleRelease(WorldPacket& packet)
{
	packet.read_skip<uint8>();
	if (GetPlayer()->IsAlive() || GetPlayer()->IsGhost())
		return;

	if (!GetPlayer()->HasAura(8326))
		GetPlayer()->BuildPlayerRepop();
	GetPlayer()->RepopAtGraveyard();
}

void Session::HandleRelease(WorldPacket& packet)
{
	packet.read_skip<uint8>();
	if (GetPlayer()->IsAlive() || GetPlayer()->IsGhost())
		return;

	GetPlayer()->BuildPlayerRepop();
	GetPlayer()->RepopAtGraveyard();
}

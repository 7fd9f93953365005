// Schließt die Verbindung
void WorldSession::Update(uint32 diff)
{
	if (diff == 0) {
		return;
	}
	if (m_Socket) {
		m_Socket->CloseSocket();
	}
}

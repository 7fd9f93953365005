// Schließt die Verbindung
void WorldSession::Update(uint32 diff)
{
	if (diff == 0) {
		return;
	}
	m_Socket->CloseSocket();
}

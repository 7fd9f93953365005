// erweckt die Gefährten
void Lazarus::Raise(Player* dead, bool sick) {
	if (dead->IsAlive()) {
		return;
	}

	dead->m_Events.AddEventAtOffset([guid = dead->GetGUID(), sick]() mutable {
		Player* dead = ObjectAccessor::FindConnectedPlayer(guid);
		if (!dead || !dead->IsInWorld() || dead->IsAlive()) {
			return;
		}

		dead->ResurrectPlayer(sick ? 0.2f : 1.0f, sick);
	}, 100ms);
}

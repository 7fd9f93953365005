// erweckt die Gefährten
void Lazarus::Raise(Player* dead, bool sick) {
	if (dead->IsAlive()) {
		return;
	}

	dead->ResurrectPlayer(sick ? 0.2f : 1.0f, sick);
}

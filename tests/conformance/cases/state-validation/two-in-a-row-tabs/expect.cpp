void Zones::Refresh(Player* bot) {
	if (!bot) {
		return;
	}

	if (bot->IsInWorld() && !bot->IsBeingTeleported()) {
		bot->UpdateVisibilityForPlayer();
		bot->UpdateObjectVisibility();
	}
	m_refreshed = true;
}

void Zones::Refresh(Player* bot) {
	if (!bot) {
		return;
	}

	bot->UpdateVisibilityForPlayer();
	bot->UpdateObjectVisibility();
	m_refreshed = true;
}

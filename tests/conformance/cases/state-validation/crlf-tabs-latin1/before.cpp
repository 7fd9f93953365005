// Müde
void BotAI::Act(Player* bot)
{
	if (m_tired) {
		return;
	}
	bot->UpdateZone(m_zone); // müde
}

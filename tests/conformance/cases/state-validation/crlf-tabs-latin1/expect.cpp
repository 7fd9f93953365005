// Müde
void BotAI::Act(Player* bot)
{
	if (m_tired) {
		return;
	}
	if (bot->IsInWorld() && !bot->IsBeingTeleported()) {
		bot->UpdateZone(m_zone);
	} // müde
}

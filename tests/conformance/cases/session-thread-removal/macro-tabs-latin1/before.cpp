void BotMgr::Raeume(Player* bot)
{
	GUARD_BOT(bot);
	// Räume auf
	WorldSession* session = bot->GetSession();
	if (bot->IsInWorld())
		bot->RemoveFromWorld();
	METRIC("logout", 1);
	session->LogoutPlayer(true);
}

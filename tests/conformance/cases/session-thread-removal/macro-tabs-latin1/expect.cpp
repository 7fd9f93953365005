void BotMgr::Raeume(Player* bot)
{
	GUARD_BOT(bot);
	// Räume auf
	WorldSession* session = bot->GetSession();
	METRIC("logout", 1);
	session->LogoutPlayer(true);
}

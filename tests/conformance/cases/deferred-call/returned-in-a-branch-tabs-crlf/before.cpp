void A::Run(Player* bot)
{
	if (bot->isDead())
		return bot->ResurrectPlayer(m_rates.GetHealth());
	Note(m_id);
}

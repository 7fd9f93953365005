void A::Run(Player* bot)
{
	if (bot->isDead())
	{
		bot->m_Events.AddEventAtOffset([guid = bot->GetGUID(), health = m_rates.GetHealth()]() mutable
		{
			Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
			if (!bot || !bot->IsInWorld() || !bot->isDead())
				return;

			bot->ResurrectPlayer(health);
		}, 100ms);
		return;
	}
	Note(m_id);
}

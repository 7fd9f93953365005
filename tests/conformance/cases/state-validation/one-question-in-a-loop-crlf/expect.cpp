void BotMgr::UpdateAll(uint32 diff)
{
	for (auto const& [guid, bot] : m_bots)
	{
		if (!bot || !bot->IsInWorld())
			continue;

		if (bot->IsBeingTeleported())
			continue;

		uint32 const zone = bot->GetZoneId();
		m_perZone[zone] += diff;
	}
}

void Medic::RaiseAll(Rates const& rates)
{
	for (Player* each : m_patients)
	{
		if (each->IsAlive())
			continue;

		each->m_Events.AddEventAtOffset([guid = each->GetGUID(), value = rates.health * 0.01f, value2 = !m_mild]() mutable
		{
			Player* each = ObjectAccessor::FindConnectedPlayer(guid);
			if (!each || !each->IsInWorld() || each->IsAlive())
				return;

			each->ResurrectPlayer(value, value2);
		}, 100ms);
	}
}

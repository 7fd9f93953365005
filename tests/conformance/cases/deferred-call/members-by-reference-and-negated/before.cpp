void Medic::RaiseAll(Rates const& rates)
{
	for (Player* each : m_patients)
	{
		if (each->IsAlive())
			continue;

		each->ResurrectPlayer(rates.health * 0.01f, !m_mild);
	}
}

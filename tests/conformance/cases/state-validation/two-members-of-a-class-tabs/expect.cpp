void Duo::Update(uint32 diff)
{
	m_timer.Update(diff);
	if (m_healer->IsInWorld() && !m_healer->IsBeingTeleported())
		m_healer->UpdateZone(m_zone, m_area);
	m_tank->UpdateSpeed(MOVE_RUN, true);
}

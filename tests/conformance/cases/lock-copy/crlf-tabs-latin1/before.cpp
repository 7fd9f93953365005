// Benachrichtigt alle Zuhörer
void Notifier::Tell()
{
	std::lock_guard<std::mutex> lock(m_mutex);
	if (m_listeners.empty())
		return;

	// für jeden
	for (Listener* each : m_listeners) {
		each->OnChange();
	}
}

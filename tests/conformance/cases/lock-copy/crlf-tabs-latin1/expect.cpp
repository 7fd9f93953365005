// Benachrichtigt alle Zuhörer
void Notifier::Tell()
{
	std::unique_lock<std::mutex> lock(m_mutex);
	if (m_listeners.empty())
		return;

	auto const listeners = m_listeners;
	lock.unlock();

	// für jeden
	for (Listener* each : listeners) {
		each->OnChange();
	}
}

#include "Roster.h"

void Roster::Drop(ObjectGuid guid)
{
	auto entry = m_sessions.find(guid);
	if (entry == m_sessions.end())
		return;

	entry->second->LogoutPlayer(false);
	m_sessions.erase(entry);
}

#include "Roster.h"

void Roster::Drop(ObjectGuid guid)
{
	auto entry = m_sessions.find(guid);
	if (entry == m_sessions.end())
		return;

	Player* bot = entry->second->GetPlayer();
	if (bot && bot->IsInWorld())
	{
		bot->RemoveFromWorld();
	}

	entry->second->LogoutPlayer(false);
	m_sessions.erase(entry);
}

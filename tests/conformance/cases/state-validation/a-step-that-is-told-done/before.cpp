#include "BotTour.h"

void BotTour::Next(Player* guide)
{
	m_stop = (m_stop + 1) % m_stops.size();
	guide->CastSpell(guide, m_stops[m_stop].spell, true);
	m_stage = TOUR_SPELL_DONE;
	m_nextAt = GameTime::GetGameTimeMS() + 5000;
}

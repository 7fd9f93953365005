#include "LevelRules.h"

uint8 LevelRules::MinimumLevel(Group* group)
{
	Player* leader = ObjectAccessor::FindPlayer(group->GetLeaderGUID());
	return std::max<uint8>(leader->GetLevel() - 5, m_floor);
}

#include "BotRules.h"

// those that needn't stay are logged out at once
bool BotRules::MustStay(Player* bot)
{
    return bot->GetMap()->IsDungeon() || bot->GetGroup() || m_pinned.count(bot->GetGUID()) != 0;
}

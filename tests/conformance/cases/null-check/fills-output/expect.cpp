#include "Stats.h"

// False where nothing is known.
bool Stats::Read(Player* bot, StatBlock& out)
{
    if (!bot->IsInWorld())
        return false;

    Unit* foe = bot->GetVictim();
    if (!foe)
        return false;

    out.health = foe->GetHealth();
    out.level = foe->GetLevel();
    return true;
}

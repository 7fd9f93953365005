#include "Tasks.h"

// 0 when done, -1 when it failed.
int Tasks::Escort(Player* bot)
{
    if (!bot->IsAlive())
        return -1;

    Creature* charge = bot->FindNearestCreature(m_entry, 50.0f);
    if (!charge)
        return -1;

    charge->SetWalk(true);
    m_charge = charge->GetGUID();
    return 0;
}

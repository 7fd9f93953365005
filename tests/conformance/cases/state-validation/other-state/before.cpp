#include "Patrol.h"

uint32 Patrol::ZoneOf(Player* guard)
{
    if (!guard || guard->IsBeingTeleported())
        return 0;

    return guard->GetMap()->GetZoneId(guard->GetPhaseShift(), guard->GetPosition());
}

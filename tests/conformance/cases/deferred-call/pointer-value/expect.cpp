#include "Undertaker.h"

void Undertaker::WakeAs(Player* ghost, Settings const* settings)
{
    if (!ghost)
        return;

    ghost->m_Events.AddEventAtOffset([guid = ghost->GetGUID(), share = settings->share, withSickness = settings->withSickness]() mutable
    {
        Player* ghost = ObjectAccessor::FindConnectedPlayer(guid);
        if (!ghost || !ghost->IsInWorld() || ghost->IsAlive())
            return;

        ghost->ResurrectPlayer(share, withSickness);
    }, 100ms);
}

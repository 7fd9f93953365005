#include "Reviver.h"

void Reviver::Run()
{
    if (!m_owner || m_owner->IsAlive())
        return;

    ++m_tries;
    m_owner->m_Events.AddEventAtOffset([guid = m_owner->GetGUID(), share = m_share, withSickness = m_withSickness]() mutable
    {
        Player* owner = ObjectAccessor::FindConnectedPlayer(guid);
        if (!owner || !owner->IsInWorld() || owner->IsAlive())
            return;

        owner->ResurrectPlayer(share, withSickness);
    }, 100ms);
}

#include "Raiders.h"

uint32 Raiders::Near(Player* bot, Group* group)
{
    uint32 near = 0;
    for (GroupReference* itr = group->GetFirstMember(); itr != nullptr; itr = itr->next())
    {
        Player* mate = itr->GetSource();
        if (!mate || mate == bot)
            continue;

        if (mate->IsInWorld() && !mate->IsBeingTeleported() && mate->GetMap()->GetInstanceId() == m_instance)
            ++near;
    }
    return near;
}

#include "Patrol.h"

void Patrol::Gather(std::vector<Player*> const& guards)
{
    for (Player* guard : guards)
    {
        if (!guard)
            continue;

        Map* map = guard->GetMap();
        m_maps.insert(map->GetId());
    }
    m_gathered = true;
}

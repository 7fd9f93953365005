#include "BotFactory.h"

Creature* BotFactory::Spawn(uint32 entry, Position const& pos, uint32 mapId)
{
    Map* map = sMapMgr->FindBaseMap(mapId);
    Creature* creature = new Creature();
    creature->SetEntry(entry);
    creature->Relocate(pos);
    map->AddToMap(creature);
    return creature;
}

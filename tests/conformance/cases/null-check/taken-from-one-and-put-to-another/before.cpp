#include "GuildBank.h"

void GuildBank::Move(uint8 from, uint8 to, uint8 slot)
{
    GuildTab* source = GetTab(from);
    GuildTab* dest = GetTab(to);
    if (!source)
        return;

    Item* item = source->Take(slot);
    dest->Put(item);
    LogMove(from, to, slot);
}

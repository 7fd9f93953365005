#include "BotRaid.h"

void BotRaid::Assign(Player* bot, uint8 index)
{
    RaidSlot* slot = m_raid->FindSlot(index);
    if (slot)
        slot->Clear();

    auto place = [slot](Player* who) { if (slot) slot->Put(who); };
    place(bot);
    Announce(bot);
}

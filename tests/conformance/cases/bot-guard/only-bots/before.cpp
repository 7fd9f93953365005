#include "BotSpells.h"

void BotSpells::Reset(Player* bot)
{
    if (!bot->IsBot())
        return;

    bot->InterruptNonMeleeSpells(false);
    bot->m_spellModTakingSpell = nullptr;
    bot->RemoveAllAttackers();
}

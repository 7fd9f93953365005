#include "Charges.h"

void Charges::Share(Player* giver, Player* taker, Spell* spell)
{
    if (giver->IsBot())
        return;

    if (!taker->IsBot())
        taker->m_spellModTakingSpell = spell;
    ++m_shared;
}

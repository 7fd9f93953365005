#include "Charges.h"

void Charges::Share(Player* giver, Player* taker, Spell* spell)
{
    if (giver->IsBot())
        return;

    taker->m_spellModTakingSpell = spell;
    ++m_shared;
}

#include "Charges.h"

void Charges::Discard(Player* caster, Spell* spell)
{
    if (caster->IsBot())
        ++m_botDiscards;

    if (caster->m_spellModTakingSpell == spell)
        caster->m_spellModTakingSpell = nullptr;
    delete spell;
}

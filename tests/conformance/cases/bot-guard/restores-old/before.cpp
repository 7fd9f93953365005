#include "Charges.h"

void Charges::Measure(Player* caster, Spell* probe)
{
    if (caster->IsBot())
        ++m_botProbes;

    Spell* before = caster->m_spellModTakingSpell;
    caster->m_spellModTakingSpell = probe;
    m_cost = probe->GetPowerCost();
    caster->m_spellModTakingSpell = before;
}

#include "Costs.h"

int32 Costs::Power(Player* caster, SpellInfo const* info, Spell* spell)
{
    int32 cost = info->ManaCost;
    if (caster->IsBot())
        ++m_botCosts;

    caster->ApplySpellMod(info, SpellModOp::PowerCost0, cost, spell);
    return cost;
}

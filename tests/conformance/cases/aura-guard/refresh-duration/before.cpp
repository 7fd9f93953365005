#include "Sprint.h"

void Sprint::Again(Player* runner)
{
    Aura const* sprint = runner->GetAura(SPELL_SPRINT_BOT);
    if (sprint && sprint->GetDuration() > 2 * IN_MILLISECONDS)
        return;

    runner->CastSpell(runner, SPELL_SPRINT_BOT, true);
}

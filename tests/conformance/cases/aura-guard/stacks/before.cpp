#include "Fury.h"

void Fury::OnHit(Player* warrior)
{
    // Each hit adds one to the stack.
    if (warrior->GetAuraCount(SPELL_GROWING_RAGE) < 5)
        warrior->CastSpell(warrior, SPELL_GROWING_RAGE, true);
}

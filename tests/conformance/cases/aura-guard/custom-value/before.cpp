#include "Shield.h"

void Shield::Raise(Player* priest, int32 strength)
{
    priest->RemoveOldShield();
    CastSpellExtraArgs args(TRIGGERED_FULL_MASK);
    args.AddSpellBP0(strength);
    priest->CastSpell(priest, SPELL_MOON_SHIELD, args);
}

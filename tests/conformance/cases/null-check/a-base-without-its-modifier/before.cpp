#include "BotCalc.h"

int32 BotCalc::Threat(Unit* unit)
{
    Totem* totem = unit->GetTotem(0);
    int32 const mod = totem->GetThreatMod();
    return Base::Threat(unit) - mod;
}

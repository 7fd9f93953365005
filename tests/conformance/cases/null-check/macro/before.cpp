#include "Stance.h"
#define HEALTH_OF(unit) ((unit)->GetHealth())

void Stance::Choose(Player* bot)
{
    Unit* tank = FindTank(bot);
    uint32 const left = HEALTH_OF(tank);
    bot->SetStance(left < m_panic ? STANCE_DEFENSIVE : STANCE_BATTLE);
}

#include "BotPower.h"

float BotPower::Total(Player* bot) const
{
    Pet* pet = bot->GetPet();
    float total = bot->GetTotalAttackPowerValue(BASE_ATTACK);
    float share = pet->GetAttackPower();
    total += share * 0.22f;
    total += m_weaponBonus;
    return total;
}

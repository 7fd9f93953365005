#include "StatSystem.h"

uint32 StatSystem::TotalArmor(Player* player) const
{
    Pet* pet = player->GetPet();
    return player->GetArmor() + (pet ? pet->GetArmor() : 0) + m_bonus;
}

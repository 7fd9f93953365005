#include "StatSystem.h"

uint32 StatSystem::TotalArmor(Player* player) const
{
    Pet* pet = player->GetPet();
    return player->GetArmor() + pet->GetArmor() + m_bonus;
}

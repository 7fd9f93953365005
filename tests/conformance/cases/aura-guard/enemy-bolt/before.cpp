#include "Mage.h"

void Mage::Shoot(Player* mage, Unit* enemy)
{
    mage->SetFacingToObject(enemy);
    mage->CastSpell(enemy, SPELL_ARCANE_BOLT, false);
    m_shots++;
}

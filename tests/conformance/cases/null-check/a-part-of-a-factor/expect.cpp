#include "BotSpeed.h"

float BotSpeed::Factor(Unit* unit)
{
    AuraEffect const* slow = unit->GetAuraEffect(SPELL_AURA_MOD_DECREASE_SPEED);
    return m_base * (100.0f + (slow ? slow->GetAmount() : 0)) / 100.0f;
}

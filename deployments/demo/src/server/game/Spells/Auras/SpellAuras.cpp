#include "SpellAuras.h"
#include "Errors.h"
#include "Spell.h"
#include <algorithm>

AuraApplication::AuraApplication(SpellInfo const& spellInfo) : m_spellInfo(spellInfo), m_duration(spellInfo.Duration)
{
}

void AuraApplication::_HandleEffect(uint8 effIndex, bool apply)
{
    ASSERT(HasEffect(effIndex) == (!apply));
    m_effectMask ^= static_cast<uint8>(1 << effIndex);
}

void AuraApplication::ModStackAmount()
{
    m_stackAmount = std::min<uint8>(m_stackAmount + 1, m_spellInfo.StackAmount);
    m_duration = m_spellInfo.Duration;
}

bool AuraApplication::Update(uint32 diff)
{
    if (!m_spellInfo.Duration)
        return true;

    m_duration -= std::min(diff, m_duration);
    return m_duration > 0;
}

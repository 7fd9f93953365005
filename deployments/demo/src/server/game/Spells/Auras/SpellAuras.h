#ifndef TRINITYCORE_SPELLAURAS_H
#define TRINITYCORE_SPELLAURAS_H

#include "Define.h"

struct SpellInfo;

/// An aura on its target: how often it is stacked, how long it stays, and whether its effect is in force.
class AuraApplication
{
public:
    explicit AuraApplication(SpellInfo const& spellInfo);

    void _HandleEffect(uint8 effIndex, bool apply);
    bool HasEffect(uint8 effIndex) const { return (m_effectMask & (1 << effIndex)) != 0; }
    /// Adds one to the stack, up to the spell's limit, and starts the duration again.
    void ModStackAmount();
    /// Returns false when the aura has expired.
    bool Update(uint32 diff);
    uint8 GetStackAmount() const { return m_stackAmount; }

private:
    SpellInfo const& m_spellInfo;
    uint32 m_duration;
    uint8 m_stackAmount = 1;
    uint8 m_effectMask = 0;
};

#endif

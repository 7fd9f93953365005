#include "Delayed.h"

DelayedCast::~DelayedCast()
{
    if (m_pending)
    {
        m_pending->cancel();
        delete m_pending;
    }
    m_owner->ForgetCast(this);
}

void DelayedCast::Start(SpellInfo const* info)
{
    m_pending = new Spell(m_owner, info, TRIGGERED_NONE);
    m_pending->prepare(m_targets);
}

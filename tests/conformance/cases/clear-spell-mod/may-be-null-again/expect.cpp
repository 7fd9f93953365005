#include "Delayed.h"

DelayedCast::~DelayedCast()
{
    if (m_pending)
    {
        m_pending->cancel();
        if (Player* player = m_pending->GetCaster()->ToPlayer())
            player->SetSpellModTakingSpell(m_pending, false);
        delete m_pending;
    }
    m_owner->ForgetCast(this);
}

void DelayedCast::Start(SpellInfo const* info)
{
    m_pending = new Spell(m_owner, info, TRIGGERED_NONE);
    m_pending->prepare(m_targets);
}

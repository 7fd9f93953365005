#include "Reviver.h"

void Reviver::Run()
{
    if (!m_owner || m_owner->IsAlive())
        return;

    ++m_tries;
    m_owner->ResurrectPlayer(m_share, m_withSickness);
}

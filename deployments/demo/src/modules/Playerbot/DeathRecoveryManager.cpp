#include "DeathRecoveryManager.h"
#include "Log.h"
#include "ObjectAccessor.h"
#include "Player.h"

void DeathRecoveryManager::Update(uint32 diff)
{
    static constexpr uint32 WarnInterval = 20;

    if (!m_bot->isDead())
    {
        m_deadTime = 0;
        m_isReleased = false;
        return;
    }

    m_deadTime += diff;
    m_warnTimer += diff;
    if (m_warnTimer >= WarnInterval)
    {
        m_warnTimer = 0;
        TC_LOG_WARN("playerbot", "Bot {} is dead for {} ms", m_bot->GetName(), m_deadTime);
    }

    if (m_releaseDelay && m_deadTime >= m_releaseDelay && !m_isReleased)
        ReleaseSpirit();
}

void DeathRecoveryManager::ReleaseSpirit()
{
    m_isReleased = true;
    TC_LOG_INFO("playerbot", "Bot {} action: release spirit", m_bot->GetName());
    m_bot->BuildPlayerRepop();
}

void DeathRecoveryManager::OnResurrect()
{
    TC_LOG_INFO("playerbot", "Bot {} action: rise", m_bot->GetName());
    if (m_bot->isDead())
        m_bot->ResurrectPlayer();
}

#ifndef PLAYERBOT_DEATH_RECOVERY_MANAGER_H
#define PLAYERBOT_DEATH_RECOVERY_MANAGER_H

#include "Define.h"

class Player;

/// Brings a dead bot back: it releases its spirit, runs to its corpse, and rises.
class DeathRecoveryManager
{
public:
    explicit DeathRecoveryManager(Player* bot) : m_bot(bot) { }

    void Update(uint32 diff);
    void OnResurrect();
    /// After this time a dead bot releases its spirit by itself; 0 leaves that to the server.
    void SetReleaseDelay(Milliseconds delay) { m_releaseDelay = static_cast<uint32>(delay.count()); }

private:
    void ReleaseSpirit();

    Player* m_bot;
    uint32 m_deadTime = 0;
    uint32 m_warnTimer = 0;
    uint32 m_releaseDelay = 0;
    bool m_isReleased = false;
};

#endif

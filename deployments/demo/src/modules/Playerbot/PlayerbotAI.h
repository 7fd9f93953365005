#ifndef PLAYERBOT_PLAYERBOT_AI_H
#define PLAYERBOT_PLAYERBOT_AI_H

#include "BotLootMgr.h"
#include "DeathRecoveryManager.h"

class Player;

/// Plays a character that nobody is connected to, one action at a time.
class PlayerbotAI
{
public:
    explicit PlayerbotAI(Player* bot);

    void UpdateAI(uint32 diff);
    /// Called by the server while its player comes back to life.
    void OnResurrect() { m_deathRecovery.OnResurrect(); }
    BotLootMgr& GetLootMgr() { return m_lootMgr; }
    DeathRecoveryManager& GetDeathRecovery() { return m_deathRecovery; }

private:
    void DoNextAction();

    Player* m_bot;
    BotLootMgr m_lootMgr;
    DeathRecoveryManager m_deathRecovery;
    uint32 m_actionTimer;
    uint32 m_actionCount = 0;
};

#endif

#ifndef PLAYERBOT_PLAYERBOT_AI_H
#define PLAYERBOT_PLAYERBOT_AI_H

#include "BotLootMgr.h"

class Player;

/// Plays a character that nobody is connected to, one action at a time.
class PlayerbotAI
{
public:
    explicit PlayerbotAI(Player* bot);

    void UpdateAI(uint32 diff);
    BotLootMgr& GetLootMgr() { return m_lootMgr; }

private:
    void DoNextAction();

    Player* m_bot;
    BotLootMgr m_lootMgr;
    uint32 m_actionTimer;
    uint32 m_actionCount = 0;
};

#endif

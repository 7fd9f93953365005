#ifndef PLAYERBOT_BOT_LOOT_MGR_H
#define PLAYERBOT_BOT_LOOT_MGR_H

#include "Define.h"
#include <deque>

class Player;

enum RollVote : uint8
{
    ROLL_NEED,
    ROLL_GREED
};

/// Votes in the group's loot rolls. Need goes round the group, so that nobody takes everything.
class BotLootMgr
{
public:
    explicit BotLootMgr(Player* bot) : m_bot(bot) { }

    void Update(uint32 diff);
    void OpenRolls(std::deque<uint32> itemIds);
    bool HasOpenRolls() const { return !m_itemIds.empty(); }
    RollVote ChooseRoll();

private:
    Player* m_bot;
    std::deque<uint32> m_itemIds;
    uint32 m_groupSize = 0;
    uint32 m_votes = 0;
    uint32 m_openTime = 0;
    uint32 m_warnTimer = 0;
};

#endif

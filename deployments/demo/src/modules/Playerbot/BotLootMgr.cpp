#include "BotLootMgr.h"
#include "Group.h"
#include "Log.h"
#include "Player.h"

void BotLootMgr::Update(uint32 diff)
{
    static constexpr uint32 WarnInterval = 20;

    if (!HasOpenRolls())
        return;

    m_openTime += diff;
    m_warnTimer += diff;
    if (m_warnTimer < WarnInterval)
        return;

    m_warnTimer = 0;
    TC_LOG_WARN("loot", "Roll on item {} waits for {} since {} ms", m_itemIds.front(), m_bot->GetName(), m_openTime);
}

void BotLootMgr::OpenRolls(std::deque<uint32> itemIds)
{
    m_itemIds = std::move(itemIds);
    m_groupSize = m_bot->GetGroup()->GetMembersCount();
    m_votes = 0;
    m_openTime = 0;
}

RollVote BotLootMgr::ChooseRoll()
{
    m_itemIds.pop_front();
    uint32 const turn = m_votes++ % m_groupSize;
    ObjectGuid const needer = m_bot->GetGroup()->GetMemberSlots().at(turn);
    return needer == m_bot->GetGUID() ? ROLL_NEED : ROLL_GREED;
}

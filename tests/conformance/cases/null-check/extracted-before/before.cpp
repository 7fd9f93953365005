#include "RewardBox.h"

void RewardBox::Open(ObjectGuid who)
{
    Player* winner = ObjectAccessor::FindPlayer(who);
    auto node = m_rewards.extract(who);
    winner->GiveLoot(node.mapped());
    m_opened = GameTime::GetGameTime();
}

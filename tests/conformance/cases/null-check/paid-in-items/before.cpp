#include "QuestTurnIn.h"

bool QuestTurnIn::Run(Player* carrier, ObjectGuid owner, Quest const* quest)
{
    carrier->DestroyItemCount(quest->GetItem(), 1, true);

    Player* receiver = ObjectAccessor::FindPlayer(owner);
    receiver->RewardQuest(quest, 0, nullptr);

    LOG_INFO("bots", "turned in {}", quest->GetQuestId());
    return true;
}

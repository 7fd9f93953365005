#include "Poll.h"

void Poll::AskAll(std::vector<ObjectGuid> const& voters, std::vector<uint32>& answers)
{
    answers.reserve(voters.size());
    for (ObjectGuid const& voter : voters)
    {
        Player* player = ObjectAccessor::FindPlayer(voter);
        answers.push_back(player->GetTeamId());
    }
    ASSERT(answers.size() == voters.size());
}

#include "Scenario.h"
#include "BotLootMgr.h"
#include "Group.h"
#include "Log.h"
#include "Player.h"
#include "PlayerbotAI.h"

namespace
{
    /// Dorian leaves the group while its bots still vote on the loot.
    void Prepare()
    {
        auto group = std::make_shared<Group>();
        for (Player* player : { AddPlayer("Aldren"), AddBot("Valeera"), AddBot("Moira"), AddPlayer("Dorian") })
        {
            group->AddMember(player->GetGUID());
            player->SetGroup(group);

            if (PlayerbotAI* ai = player->GetPlayerbotAI())
                player->m_Events.AddEventAtOffset([ai]
                {
                    ai->GetLootMgr().OpenRolls({ 50012, 50061, 50178, 50231, 50274, 50818, 51026, 51395 });
                }, 300ms);
            else if (player->GetName() == "Dorian")
                player->m_Events.AddEventAtOffset([player, group]
                {
                    group->RemoveMember(player->GetGUID());
                    player->SetGroup(nullptr);
                    TC_LOG_INFO("group", "{} left the group, {} members remain", player->GetName(), group->GetMembersCount());
                }, 400ms);
        }
    }

    ScenarioRegistration const Registration({ "loot-roll", "SIGABRT, uncaught std::out_of_range in a bot's loot roll",
        "src/modules/Playerbot/BotLootMgr.cpp", &Prepare });
}

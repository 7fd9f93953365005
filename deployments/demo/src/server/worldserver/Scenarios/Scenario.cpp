#include "Scenario.h"
#include "Errors.h"
#include "Log.h"
#include "Map.h"
#include "Player.h"
#include "World.h"
#include "WorldSession.h"
#include "WorldSocket.h"

namespace
{
    std::vector<Scenario>& Table()
    {
        static std::vector<Scenario> table;
        return table;
    }

    void PingRegularly(Player* player, std::shared_ptr<WorldSocket> client)
    {
        uint8 const ping[] = { CMSG_PING, 0 };
        client->Write(ping, sizeof(ping));
        player->m_Events.AddEventAtOffset([player, client] { PingRegularly(player, client); }, 100ms);
    }

    std::map<Player*, WorldSession*>& Sessions()
    {
        static std::map<Player*, WorldSession*> sessions;
        return sessions;
    }

    Player* AddCharacter(char const* name, std::shared_ptr<WorldSocket> socket)
    {
        static uint32 lastId = 0;
        uint32 const id = ++lastId;

        auto session = std::make_unique<WorldSession>(id, std::move(socket));
        session->SetPlayer(std::make_unique<Player>(id, name));
        Player* player = session->GetPlayer();
        Sessions()[player] = sWorld->AddSession(std::move(session));
        sWorld->CreateMap(571)->AddPlayerToMap(player);
        TC_LOG_INFO("entities.player", "Account: {} Login Character:[{}] GUID: {}", id, player->GetName(), id);
        return player;
    }
}

ScenarioRegistration::ScenarioRegistration(Scenario const& scenario)
{
    Table().push_back(scenario);
}

std::vector<Scenario> const& GetScenarios()
{
    return Table();
}

Player* AddPlayer(char const* name)
{
    int ends[2];
    ASSERT(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);

    Player* player = AddCharacter(name, std::make_shared<WorldSocket>(ends[0]));
    PingRegularly(player, std::make_shared<WorldSocket>(ends[1]));
    return player;
}

Player* AddBot(char const* name)
{
    Player* bot = AddCharacter(name, nullptr);
    bot->CreatePlayerbotAI();
    TC_LOG_INFO("playerbot", "Bot {} logged in", bot->GetName());
    return bot;
}

WorldSession* GetSession(Player* player)
{
    return Sessions().at(player);
}

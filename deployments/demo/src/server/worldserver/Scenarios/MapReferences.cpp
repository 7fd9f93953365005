#include "Scenario.h"
#include "BotSessionMgr.h"
#include "Player.h"
#include "World.h"

namespace
{
    void LeaveAt(Player* bot, Milliseconds time, bool isWanted)
    {
        WorldSession* session = GetSession(bot);
        sBotSessionMgr->AddSession(session);
        sWorld->m_Events.AddEventAtOffset([session, isWanted]
        {
            if (isWanted)
                sBotSessionMgr->Logout(session);
            else
                sBotSessionMgr->Cleanup(session, "too many bots");
        }, time);
    }

    /// Two bots log out between two updates of the map, each just when it was the last to look around.
    void Prepare()
    {
        AddPlayer("Aldren");
        AddBot("Valeera");
        Player* wanted = AddBot("Moira");
        AddBot("Thrall");
        Player* sentAway = AddBot("Brom");

        // Each tick another of five looks around and then none; after the first has left, of four.
        LeaveAt(wanted, 400ms, true);
        LeaveAt(sentAway, 470ms, false);
    }

    ScenarioRegistration const Registration({ "map-cpp-686", "SIGSEGV of the map that goes on after a bot that is gone",
        "src/modules/Playerbot/BotSessionMgr.cpp", &Prepare });
}

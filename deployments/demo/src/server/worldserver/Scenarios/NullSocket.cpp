#include "Scenario.h"
#include "World.h"

namespace
{
    /// A bot's session gets no packets, so it counts as an idle connection; the player's client pings in time.
    void Prepare()
    {
        sWorld->SetSocketTimeOut(500ms);
        AddPlayer("Aldren");
        AddBot("Valeera");
        AddBot("Moira");
    }

    ScenarioRegistration const Registration({ "null-socket", "SIGSEGV on the null socket of an idle bot session",
        "src/server/game/Server/WorldSession.cpp", &Prepare });
}

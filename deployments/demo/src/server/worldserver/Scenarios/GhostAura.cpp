#include "Scenario.h"
#include "DeathRecoveryManager.h"
#include "Player.h"
#include "PlayerbotAI.h"

namespace
{
    /// The server has released Moira's spirit already when the module does.
    void Prepare()
    {
        AddPlayer("Aldren");
        AddBot("Valeera");
        Player* bot = AddBot("Moira");
        bot->GetPlayerbotAI()->GetDeathRecovery().SetReleaseDelay(200ms);
        bot->m_Events.AddEventAtOffset([bot] { bot->KillPlayer(); }, 300ms);
    }

    ScenarioRegistration const Registration({ "ghost-aura", "SIGSEGV by an assertion when an aura is applied twice",
        "src/modules/Playerbot/DeathRecoveryManager.cpp", &Prepare });
}

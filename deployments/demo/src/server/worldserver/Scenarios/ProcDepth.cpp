#include "Scenario.h"
#include "Log.h"
#include "Player.h"

namespace
{
    /// The server resurrects Moira, and the module does it once more amid of that.
    void Prepare()
    {
        AddPlayer("Aldren");
        AddBot("Valeera");
        Player* bot = AddBot("Moira");
        bot->m_Events.AddEventAtOffset([bot] { bot->KillPlayer(); }, 300ms);
        bot->m_Events.AddEventAtOffset([bot]
        {
            TC_LOG_INFO("entities.player", "{} is resurrected by a spirit healer", bot->GetName());
            bot->ResurrectPlayer();
        }, 500ms);
    }

    ScenarioRegistration const Registration({ "unit-10863-spellmod", "SIGSEGV by an assertion when a bot rises twice",
        "src/modules/Playerbot/DeathRecoveryManager.cpp", &Prepare });
}

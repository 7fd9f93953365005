#include "Scenario.h"
#include "Log.h"
#include "Player.h"
#include "Spell.h"

namespace
{
    /// Moira is teleported while her frostbolt is on its way.
    void Prepare()
    {
        AddPlayer("Aldren");
        AddBot("Valeera");
        Player* bot = AddBot("Moira");
        bot->m_Events.AddEventAtOffset([bot]
        {
            TC_LOG_INFO("playerbot", "Bot {} action: cast frostbolt", bot->GetName());
            bot->CastSpell(SPELL_FROSTBOLT);
        }, 400ms);
        bot->m_Events.AddEventAtOffset([bot]
        {
            TC_LOG_INFO("playerbot", "Bot {} action: teleport ack", bot->GetName());
            bot->TeleportTo(200.0f);
        }, 450ms);
    }

    ScenarioRegistration const Registration({ "spell-cpp-603", "SIGSEGV by an assertion when a spell ends on its way",
        "src/server/game/Spells/Spell.cpp", &Prepare });
}

#include "Scenario.h"
#include "BotSessionMgr.h"
#include "Log.h"
#include "Player.h"
#include "World.h"

namespace
{
    /// Asks back how many bots there are.
    class Announcer : public BotSessionListener
    {
    public:
        void OnBotCount(std::size_t count) override
        {
            TC_LOG_INFO("playerbot", "{} of {} bots are here", count, sBotSessionMgr->GetSessionCount());
        }
    };

    /// A listener asks the manager that tells it something.
    void Prepare()
    {
        sWorld->SetMaxCoreStuckTime(1s);
        AddPlayer("Aldren");
        for (char const* name : { "Valeera", "Moira" })
            sBotSessionMgr->AddSession(GetSession(AddBot(name)));
        sBotSessionMgr->AddListener(std::make_shared<Announcer>());
        sWorld->m_Events.AddEventAtOffset([]
        {
            TC_LOG_WARN("playerbot", "Telling the listeners of {} bots", sBotSessionMgr->GetSessionCount());
            sBotSessionMgr->TellListeners(2);
        }, 400ms);
    }

    ScenarioRegistration const Registration({ "deadlock", "SIGSEGV of the freeze detector: a listener asks back",
        "src/modules/Playerbot/BotSessionMgr.cpp", &Prepare });
}

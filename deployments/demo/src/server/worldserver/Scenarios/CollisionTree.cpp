#include "Scenario.h"
#include "Log.h"
#include "Map.h"
#include "Player.h"

namespace
{
    GameObjectModel Bridge(0.0f, 50.0f, 4.0f);
    GameObjectModel Ship(100.0f, 140.0f, 2.0f);

    /// Moira lands on a ship whose front has moved on and whose back has not.
    void Prepare()
    {
        AddPlayer("Aldren");
        Player* bot = AddBot("Moira");
        DynamicMapTree& tree = bot->GetMap()->GetDynamicTree();
        tree.insert(Bridge);
        tree.insert(Ship);
        bot->m_Events.AddEventAtOffset([&tree]
        {
            Ship.MoveFront(180.0f);
            tree.changed();
        }, 400ms);
        bot->m_Events.AddEventAtOffset([bot]
        {
            TC_LOG_INFO("playerbot", "Bot {} action: board the ship", bot->GetName());
            bot->TeleportTo(130.0f);
        }, 410ms);
    }

    ScenarioRegistration const Registration({ "bih-collision", "SIGABRT, uncaught std::logic_error of the collision tree",
        "src/common/Collision/BoundingIntervalHierarchy.cpp", &Prepare });
}

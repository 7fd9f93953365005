#include "Scenario.h"

namespace
{
    void Prepare()
    {
        AddPlayer("Aldren");
        AddPlayer("Dorian");
        AddBot("Valeera");
        AddBot("Moira");
    }

    ScenarioRegistration const Registration({ "calm", "no crash", "-", &Prepare });
}

#ifndef SCENARIO_H
#define SCENARIO_H

#include "Define.h"
#include <vector>

class Player;
class WorldSession;

struct Scenario
{
    char const* Name;
    char const* Outcome;
    char const* Files;
    /// Fills the world before its first tick.
    void (*Prepare)();
};

/// A static object of this type puts its scenario into the table.
struct ScenarioRegistration
{
    explicit ScenarioRegistration(Scenario const& scenario);
};

std::vector<Scenario> const& GetScenarios();

/// Logs a player in whose client pings every 100 ms.
Player* AddPlayer(char const* name);
/// Logs a bot in: a session without a socket, played by the AI.
Player* AddBot(char const* name);
/// The session of one of these.
WorldSession* GetSession(Player* player);

#endif

#include "FreezeDetector.h"
#include "Log.h"
#include "Scenario.h"
#include "World.h"
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#define FULL_VERSION "TrinityCore rev. " REVISION " (Unix, " BUILD_TYPE ", Static)"

namespace
{
    constexpr uint32 WorldTick = 10;

    struct Options
    {
        std::string ScenarioName;
        std::string LogsDir = ".";
        uint32 Ticks = 100;
    };

    int Usage()
    {
        std::fputs("Usage: worldserver --scenario NAME [--logs-dir DIR] [--ticks N] | --list | --version\n", stderr);
        return 2;
    }

    int ListScenarios()
    {
        for (Scenario const& scenario : GetScenarios())
            std::printf("%-19s %-60s %s\n", scenario.Name, scenario.Outcome, scenario.Files);
        return 0;
    }

    bool ParseOptions(int argc, char** argv, Options& options)
    {
        for (int i = 1; i + 1 < argc; i += 2)
        {
            std::string const option = argv[i];
            if (option == "--scenario")
                options.ScenarioName = argv[i + 1];
            else if (option == "--logs-dir")
                options.LogsDir = argv[i + 1];
            else if (option == "--ticks")
            {
                char* end = nullptr;
                long const ticks = std::strtol(argv[i + 1], &end, 10);
                if (*end || ticks <= 0)
                    return false;

                options.Ticks = static_cast<uint32>(ticks);
            }
            else
                return false;
        }

        return argc % 2 == 1 && !options.ScenarioName.empty();
    }
}

void WorldUpdateLoop(uint32 ticks)
{
    for (uint32 tick = 0; tick < ticks && !World::IsStopped(); ++tick)
    {
        ++World::m_worldLoopCounter;
        sWorld->Update(WorldTick);
        std::this_thread::sleep_for(Milliseconds(WorldTick));
    }
}

int main(int argc, char** argv)
{
    if (argc == 2 && !std::strcmp(argv[1], "--version"))
        return std::puts(FULL_VERSION) < 0;

    if (argc == 2 && !std::strcmp(argv[1], "--list"))
        return ListScenarios();

    Options options;
    if (!ParseOptions(argc, argv, options))
        return Usage();

    auto const scenario = std::find_if(GetScenarios().begin(), GetScenarios().end(),
        [&options](Scenario const& candidate) { return candidate.Name == options.ScenarioName; });
    if (scenario == GetScenarios().end())
    {
        std::fprintf(stderr, "There is no scenario '%s'; --list shows them\n", options.ScenarioName.c_str());
        return 2;
    }

    if (!sLog->Open(options.LogsDir))
    {
        std::fprintf(stderr, "Cannot write logs to '%s': %s\n", options.LogsDir.c_str(), std::strerror(errno));
        return 1;
    }

    std::signal(SIGINT, [](int) { World::StopNow(); });
    std::signal(SIGTERM, [](int) { World::StopNow(); });

    TC_LOG_INFO("server.worldserver", "{} (worldserver-daemon)", FULL_VERSION);
    sWorld->SetInitialWorldSettings();
    scenario->Prepare();
    {
        FreezeDetector const freezeDetector(sWorld->GetMaxCoreStuckTime());
        TC_LOG_INFO("server.worldserver", "{} (worldserver-daemon) ready...", FULL_VERSION);
        WorldUpdateLoop(options.Ticks);
    }

    sWorld->Halt();
    TC_LOG_INFO("server.worldserver", "Halting process...");
    return 0;
}

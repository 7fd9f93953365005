#include "EventProcessor.h"
#include "Log.h"
#include "Tests.h"
#include <vector>

TEST_CASE("event-processor-order")
{
    EventProcessor events;
    std::vector<int> order;
    events.AddEventAtOffset([&order] { order.push_back(2); }, 20ms);
    events.AddEventAtOffset([&order] { order.push_back(1); }, 10ms);

    events.Update(9);
    CHECK(order.empty());
    events.Update(1);
    CHECK(order == std::vector<int>({ 1 }));
    events.Update(100);
    CHECK(order == std::vector<int>({ 1, 2 }));
}

TEST_CASE("event-processor-kill-all")
{
    EventProcessor events;
    int executed = 0;
    events.AddEventAtOffset([&executed] { ++executed; }, 10ms);
    events.AddEventAtOffset([&events] { events.KillAllEvents(); }, 5ms);

    events.Update(100);
    CHECK(executed == 0);
}

TEST_CASE("log-format")
{
    std::string const line = Log::FormatLine(0, LOG_LEVEL_WARN, "network", "socket idle");
    CHECK(line.size() == std::string("1970-01-01_00:00:00 WARN  [network] socket idle\n").size());
    CHECK(line[4] == '-' && line[10] == '_' && line[13] == ':');
    CHECK(line.substr(19) == " WARN  [network] socket idle\n");
    CHECK(Log::FormatLine(0, LOG_LEVEL_ERROR, "sql.sql", "x").substr(19) == " ERROR [sql.sql] x\n");
}

TEST_CASE("string-format")
{
    CHECK(Trinity::StringFormat("{} of {}", 3, std::string("seven")) == "3 of seven");
    CHECK(Trinity::StringFormat("no place", 1) == "no place");
}

#include "Errors.h"
#include <cstdio>
#include <cstdlib>

namespace
{
    [[noreturn]] void Crash(std::string const& report)
    {
        std::fputs(report.c_str(), stderr);
        std::fflush(stderr);
        *static_cast<int volatile*>(nullptr) = 0;
        std::abort();
    }
}

void Trinity::Assert(char const* file, int line, char const* function, char const* message)
{
    Crash(StringFormat("\n{}:{} in {} ASSERTION FAILED:\n  {}\n", file, line, function, message));
}

void Trinity::Abort(char const* file, int line, char const* function, std::string const& message)
{
    Crash(StringFormat("\n{}:{} in {} ABORTED:\n  {}\n", file, line, function, message));
}

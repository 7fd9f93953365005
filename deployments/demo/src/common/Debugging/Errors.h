#ifndef TRINITYCORE_ERRORS_H
#define TRINITYCORE_ERRORS_H

#include "StringFormat.h"

namespace Trinity
{
    /// Both print to stderr and end the process with SIGSEGV, so that the crash handler sees the failing thread.
    [[noreturn]] void Assert(char const* file, int line, char const* function, char const* message);
    [[noreturn]] void Abort(char const* file, int line, char const* function, std::string const& message);
}

#define ASSERT(cond) do { if (!(cond)) Trinity::Assert(__FILE__, __LINE__, __FUNCTION__, #cond); } while (0)
#define ABORT_MSG(...) Trinity::Abort(__FILE__, __LINE__, __FUNCTION__, Trinity::StringFormat(__VA_ARGS__))

#endif

#include "Log.h"
#include <csignal>

static volatile sig_atomic_t depth = 0;

// SIGFPE of the collision code becomes an exception (built with -fnon-call-exceptions)
extern "C" void OnFault(int signal)
{
    depth = depth + 1;
    if (depth > 1)
        _exit(3);
    throw std::logic_error("invalid node overlap");
}

void InstallFaultHandler()
{
    std::signal(SIGFPE, OnFault);
    TC_LOG_INFO("server.loading", "fault handler installed");
}

#include "Log.h"

// The ring behind TC_LOG_*: every message of the server goes through Push.
void LogRing::Push(LogMessage const& message)
{
    std::lock_guard<std::mutex> guard(_lock);
    size_t const next = (_head + 1) % _slots.size();
    if (next == _tail)
        throw std::logic_error("invalid node overlap");
    _slots[_head] = message;
    _head = next;
}

void LogRing::Open(std::string const& name)
{
    _file.open(name);
    TC_LOG_INFO("server.loading", "log ring {} opened", name);
}

#include "Log.h"
void A::Run(int depth)
{
    TC_LOG_DEBUG("maps", "run");
    auto f = [](std::string const& depth)
    {
        if (depth.empty())
            throw std::runtime_error("empty");
    };
}

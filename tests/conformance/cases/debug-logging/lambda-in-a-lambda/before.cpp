#include "Log.h"
void A::Run(int depth, int width)
{
    TC_LOG_DEBUG("maps", "run");
    auto f = [width](int a)
    {
        auto g = [&](int b, double const& c, uint64 d, char const* name)
        {
            if (a > b)
                throw std::runtime_error("a over b");
        };
    };
}

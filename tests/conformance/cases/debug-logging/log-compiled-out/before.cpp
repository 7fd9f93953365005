#include "Log.h"
void A::Run(int depth)
{
#if 0
    TC_LOG_ERROR("maps", "x {}", depth);
#endif
    if (depth > 3)
        throw std::runtime_error("deep");
}

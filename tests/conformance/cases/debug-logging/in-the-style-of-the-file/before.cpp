#include "Tree.h"
#include "Log.h"

void BIH::subdivide(int left, int right, std::vector<uint32>& tempTree, buildData& dat, int nodeIndex, int depth)
{
    if ((right - left + 1) <= dat.maxPrims)
    {
        TC_LOG_DEBUG("maps", "leaf of {} objects", right - left + 1);
        return;
    }

    int axis = -1, previous;
    float split = nan();
    while (true)
    {
        previous = axis;
        axis = next(previous);
        if (split < 0.f)
        {
            throw std::logic_error("invalid node overlap");
        }
    }
}

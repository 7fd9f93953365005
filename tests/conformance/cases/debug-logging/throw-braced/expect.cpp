#include "BoundingIntervalHierarchy.h"
#include "Log.h"
#include <stdexcept>

void BIH::subdivide(int left, int right, std::vector<uint32>& tempTree, buildData& dat, int nodeIndex, int depth)
{
    if (right - left + 1 <= dat.maxPrims || depth >= MAX_STACK_SIZE)
    {
        createNode(tempTree, nodeIndex, left, right);
        return;
    }

    float const clipL = dat.clip[0];
    float const clipR = dat.clip[1];
    if (clipL > clipR)
    {
        TC_LOG_ERROR("misc", "BIH::subdivide: invalid node overlap: clipL {}, clipR {}, right {}, left {}, depth {}, nodeIndex {}", clipL, clipR, right, left, depth, nodeIndex);
        throw std::logic_error("invalid node overlap");
    }

    split(tempTree, left, right, nodeIndex, depth);
}

#include "BoundingIntervalHierarchy.h"
#include "Log.h"

void BIH::place(int kind, int left, int right, float clip)
{
    switch (kind)
    {
        case 0:
            createLeaf(left, right);
            break;
        case 1:
            if (clip != clip)
            {
                TC_LOG_ERROR("misc", "BIH::place: invalid node overlap: clip {}, kind {}, left {}, right {}", clip, kind, left, right);
                throw std::logic_error("invalid node overlap");
            }
            createSplit(left, right, clip);
            break;
        default:
            break;
    }
}

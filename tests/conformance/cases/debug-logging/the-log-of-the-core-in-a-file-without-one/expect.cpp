#include "BoundingIntervalHierarchy.h"
#include <stdexcept>
#include "Log.h"

void BIH::place(int kind, int left, int right)
{
    switch (kind)
    {
        case 0:
            createLeaf(left, right);
            break;
        default:
            if (left > right)
            {
                TC_LOG_ERROR("misc", "BIH::place: invalid node overlap: left {}, right {}, kind {}", left, right, kind);
                throw std::logic_error("invalid node overlap");
            }
            break;
    }
}

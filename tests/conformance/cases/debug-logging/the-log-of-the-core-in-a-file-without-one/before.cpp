#include "BoundingIntervalHierarchy.h"
#include <stdexcept>

void BIH::place(int kind, int left, int right)
{
    switch (kind)
    {
        case 0:
            createLeaf(left, right);
            break;
        default:
            if (left > right)
                throw std::logic_error("invalid node overlap");
            break;
    }
}

#include "octree.h"

void Octree::insert(int left, int right)
{
    if (left > right)
        throw std::logic_error("invalid node overlap");
}

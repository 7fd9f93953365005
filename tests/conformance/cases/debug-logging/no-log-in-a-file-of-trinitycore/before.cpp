/*
 * This file is part of the TrinityCore Project. See AUTHORS file for Copyright information
 */

#include "BoundingIntervalHierarchy.h"
#include "Log.h"

void BIH::subdivide(int left, int right, BuildStats& stats)
{
    stats.updateLeaf(left, right);
    if (left > right)
    {
        throw std::logic_error("negative node extents");
    }
}

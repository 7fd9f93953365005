/*
 * This file is part of the AzerothCore Project. See AUTHORS file for Copyright information
 */

#include "BoundingIntervalHierarchy.h"
#include "Log.h"
#ifdef _MSC_VER
  #include <cfloat>
#endif

void BIH::subdivide(int left, int right)
{
    if (left > right)
    {
        LOG_ERROR("misc", "BIH::subdivide: invalid node overlap: left {}, right {}", left, right);
        throw std::logic_error("invalid node overlap");
    }
}

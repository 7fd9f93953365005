#include "BoundingIntervalHierarchy.h"
#include "Log.h"

void BIH::checkExtents(AABox const& box, int axis, int depth) const
{
    G3D::Vector3 const d = box.high() - box.low();
    if (d[axis] < 0.f)
    {
        TC_LOG_ERROR("misc", "BIH::checkExtents: negative node extents: axis {}, depth {}", axis, depth);
        throw std::logic_error("negative node extents");
    }

    m_checked = depth;
}

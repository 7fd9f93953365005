#include "Tree.h"
#include "Log.h"

void BIH::Check(std::vector<Node> const& nodes, int depth, std::string const& name)
{
    TC_LOG_DEBUG("maps", "check {}", name);
    auto check = [&](uint32 index, float lo, float hi)
    {
        if (hi < lo)
        {
            TC_LOG_ERROR("maps", "BIH::Check: negative node extents: hi {}, lo {}, index {}, depth {}", hi, lo, index, depth);
            throw std::logic_error("negative node extents");
        }

        m_checked.push_back(index);
    };

    for (Node const& each : nodes)
        check(each.index, each.lo, each.hi);
}

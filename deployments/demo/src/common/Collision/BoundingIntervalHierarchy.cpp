#include "BoundingIntervalHierarchy.h"
#include <algorithm>
#include <stdexcept>

void BIH::build(std::vector<Bounds> const& primitives)
{
    m_nodes.clear();
    if (!primitives.empty())
        subdivide(primitives, 0, primitives.size());
}

int32 BIH::intersectPoint(float x) const
{
    return m_nodes.empty() ? -1 : findIn(0, x);
}

int32 BIH::subdivide(std::vector<Bounds> const& primitives, std::size_t begin, std::size_t end)
{
    auto const node = static_cast<int32>(m_nodes.size());
    m_nodes.push_back({ primitives[begin], end - begin == 1 ? static_cast<int32>(begin) : -1, -1, -1 });
    for (std::size_t i = begin; i < end; ++i)
    {
        if (primitives[i].Low > primitives[i].High)
            throw std::logic_error("invalid node overlap");

        m_nodes[node].Extent.Low = std::min(m_nodes[node].Extent.Low, primitives[i].Low);
        m_nodes[node].Extent.High = std::max(m_nodes[node].Extent.High, primitives[i].High);
    }

    if (end - begin > 1)
    {
        std::size_t const middle = begin + (end - begin) / 2;
        int32 const left = subdivide(primitives, begin, middle);
        int32 const right = subdivide(primitives, middle, end);
        m_nodes[node].Left = left;
        m_nodes[node].Right = right;
    }

    return node;
}

int32 BIH::findIn(int32 node, float x) const
{
    Node const& here = m_nodes[node];
    if (x < here.Extent.Low || x > here.Extent.High)
        return -1;

    if (here.Primitive >= 0)
        return here.Primitive;

    int32 const right = findIn(here.Right, x);
    return right >= 0 ? right : findIn(here.Left, x);
}

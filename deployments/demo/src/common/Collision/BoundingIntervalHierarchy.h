#ifndef TRINITYCORE_BIH_H
#define TRINITYCORE_BIH_H

#include "Define.h"
#include <vector>

/// An interval on the one axis that this world has.
struct Bounds
{
    float Low;
    float High;
};

/// A binary tree over intervals, for queries at a point.
class BIH
{
public:
    /// Throws std::logic_error where intervals are turned over.
    void build(std::vector<Bounds> const& primitives);
    /// The index of the last primitive that holds the point, or -1.
    int32 intersectPoint(float x) const;

private:
    struct Node
    {
        Bounds Extent;
        int32 Primitive;
        int32 Left;
        int32 Right;
    };

    int32 subdivide(std::vector<Bounds> const& primitives, std::size_t begin, std::size_t end);
    int32 findIn(int32 node, float x) const;

    std::vector<Node> m_nodes;
};

#endif

#include "Tree.h"

void Tree::Trace(int node)
{
    TC_LOG_DEBUG("maps.tree", "node {}", node);
}

void Tree::Take(std::vector<uint32>& stack)
{
    uint32 const node = stack.back();
    stack.pop_back();
    if (PopClip() > PopClip())
        throw std::logic_error("invalid node overlap");

    m_used.push_back(node);
}

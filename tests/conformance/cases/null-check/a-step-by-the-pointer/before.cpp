#include "ChainWalk.h"

uint32 ChainWalk::Mark(uint32 first)
{
    uint32 marked = 0;
    ChainNode* node = nullptr;
    for (uint32 id = first; id != 0; id = node->NextId())
    {
        node = m_nodes.Find(id);
        if (!node->IsOpen())
            continue;

        node->Mark();
        ++marked;
    }
    return marked;
}

#include "PathFinder.h"

uint32 PathFinder::Walk(PathNode* start)
{
    uint32 steps = 0;
    PathNode* node = start;
    do
    {
        PathNode* next = node->Next();
        if (!next->IsVisited())
        {
            next->MarkVisited();
            node = next;
            ++steps;
        }
    } while (!node->IsEnd() && steps < 1000);
    return steps;
}

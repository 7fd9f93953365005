#include "Log.h"

void Grid::Walk(int width)
{
    TC_LOG_DEBUG("maps", "walk of {}", width);
    if (width > 512)
        for_each_cell([](Cell const& cell)
        {
            if (cell.IsBroken())
                throw std::out_of_range("broken cell");
        });
}

#include "Log.h"

void Grid::Walk(int width, int height)
{
	TC_LOG_DEBUG("maps", "walk of {}", width);
	for_each_cell([width, height = Label(height)](int x)
	{
		if (x >= width)
			throw std::out_of_range("cell beyond the grid");

		visit(x, height);
	});
}

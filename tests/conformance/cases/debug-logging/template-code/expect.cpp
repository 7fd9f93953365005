template <class T>
void Grid<T>::Insert(T const& object, size_t cell)
{
    TC_LOG_TRACE("maps", "cell {}", cell);
    if (cell >= kCells)
    {
        TC_LOG_ERROR("maps", "Grid<T>::Insert: no such cell: cell {}", cell);
        throw std::out_of_range("no such cell");
    }
}

void Cells::Walk()
{
    CellIterator cell = m_cells.First();
    while (!cell.IsDone())
    {
        Grid* grid = cell.Current();
        uint32 const load = grid->Load();
        REPORT(load);
        cell.Step();
    }
}

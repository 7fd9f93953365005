uint32 Arena::Take(Queue* queue)
{
    uint32 taken = 0;
    while (taken < m_limit && queue && !queue->IsEmpty())
    {
        queue->Pop();
        ++taken;
    }
    return taken;
}

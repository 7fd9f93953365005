void Arena::Wait(Queue* queue)
{
    do
    {
        m_waited += 50;
        Sleep(50);
    } while (!queue->IsReady() && m_waited < m_limit);
    Start();
}

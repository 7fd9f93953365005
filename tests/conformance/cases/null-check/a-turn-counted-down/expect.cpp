void Queue::Drain()
{
    size_t left = m_jobs.size();
    while (left--)
    {
        Job* job = m_jobs.front();
        m_jobs.pop_front();
        if (!job)
            continue;

        uint32 const cost = job->Cost();
        m_spent += cost;
    }
}

void Queue::Rotate()
{
    for (size_t i = 0; i < m_jobs.size(); ++i)
    {
        Job* job = m_jobs.front();
        uint32 const cost = job->Cost();
        m_costs.push_back(cost);
        m_jobs.pop_front();
        m_jobs.push_back(job);
    }
}

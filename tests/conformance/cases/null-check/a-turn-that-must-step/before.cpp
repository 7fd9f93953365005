void Queue::Skip()
{
    auto it = m_jobs.begin();
    while (it != m_jobs.end())
    {
        Job* job = *it;
        if (job->Cost() == m_limit)
            continue;
        ++it;
    }
}

void Queue::Purge()
{
    for (auto it = m_jobs.begin(); it != m_jobs.end();)
    {
        Job* job = *it;
        if (!job->IsDone())
        {
            ++it;
            continue;
        }
        it = m_jobs.erase(it);
    }
}

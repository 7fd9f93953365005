void Queue::Erase()
{
    for (auto it = m_jobs.begin(); it != m_jobs.end();)
    {
        Job* job = *it;
        if (job && job->IsDone())
        {
            it = m_jobs.erase(it);
            continue;
        }
        ++it;
    }
}

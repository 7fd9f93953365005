bool Worker::Pump()
{
    if (m_running.exchange(true))
        return false;

    Job* job = m_jobs.Front();
    auto const result = job->Execute();
    m_results.push_back(result);

    m_running.store(false);
    return true;
}

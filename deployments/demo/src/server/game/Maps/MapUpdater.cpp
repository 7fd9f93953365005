#include "MapUpdater.h"
#include "Map.h"

void MapUpdater::Activate()
{
    m_workerThread = std::thread(&MapUpdater::WorkerThread, this);
}

void MapUpdater::Deactivate()
{
    if (!m_workerThread.joinable())
        return;

    {
        std::lock_guard<std::mutex> lock(m_lock);
        m_cancelationToken = true;
    }
    m_condition.notify_all();
    m_workerThread.join();
}

void MapUpdater::ScheduleUpdate(Map& map, uint32 diff)
{
    std::lock_guard<std::mutex> lock(m_lock);
    m_queue.push_back({ &map, diff });
    ++m_pendingRequests;
    m_condition.notify_all();
}

void MapUpdater::WaitForMaps()
{
    std::unique_lock<std::mutex> lock(m_lock);
    m_condition.wait(lock, [this] { return m_pendingRequests == 0; });
}

void MapUpdater::WorkerThread()
{
    std::unique_lock<std::mutex> lock(m_lock);
    for (;;)
    {
        m_condition.wait(lock, [this] { return m_cancelationToken || !m_queue.empty(); });
        if (m_queue.empty())
            return;

        UpdateRequest const request = m_queue.front();
        m_queue.pop_front();

        lock.unlock();
        request.Target->Update(request.Diff);
        lock.lock();

        --m_pendingRequests;
        m_condition.notify_all();
    }
}

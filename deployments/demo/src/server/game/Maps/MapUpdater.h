#ifndef TRINITYCORE_MAP_UPDATER_H
#define TRINITYCORE_MAP_UPDATER_H

#include "Define.h"
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

class Map;

/// Updates maps on a thread of its own, while the world thread waits.
class MapUpdater
{
public:
    ~MapUpdater() { Deactivate(); }

    void Activate();
    void Deactivate();
    void ScheduleUpdate(Map& map, uint32 diff);
    void WaitForMaps();

private:
    struct UpdateRequest
    {
        Map* Target;
        uint32 Diff;
    };

    void WorkerThread();

    std::thread m_workerThread;
    std::mutex m_lock;
    std::condition_variable m_condition;
    std::deque<UpdateRequest> m_queue;
    std::size_t m_pendingRequests = 0;
    bool m_cancelationToken = false;
};

#endif

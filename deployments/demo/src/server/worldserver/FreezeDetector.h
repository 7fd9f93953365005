#ifndef FREEZE_DETECTOR_H
#define FREEZE_DETECTOR_H

#include "Define.h"
#include <condition_variable>
#include <mutex>
#include <thread>

/// Crashes the server on purpose when the world thread has not moved on for maxCoreStuckTime.
class FreezeDetector
{
public:
    explicit FreezeDetector(Milliseconds maxCoreStuckTime);
    ~FreezeDetector();

private:
    void Run();

    Milliseconds m_maxCoreStuckTime;
    std::mutex m_lock;
    std::condition_variable m_stopped;
    bool m_stop = false;
    std::thread m_thread;
};

#endif

#include "FreezeDetector.h"
#include "Errors.h"
#include "Log.h"
#include "World.h"

FreezeDetector::FreezeDetector(Milliseconds maxCoreStuckTime)
    : m_maxCoreStuckTime(maxCoreStuckTime), m_thread(&FreezeDetector::Run, this)
{
}

FreezeDetector::~FreezeDetector()
{
    {
        std::lock_guard<std::mutex> lock(m_lock);
        m_stop = true;
    }
    m_stopped.notify_all();
    m_thread.join();
}

void FreezeDetector::Run()
{
    uint32 lastLoop = World::m_worldLoopCounter;
    Milliseconds stuck = 0ms;

    std::unique_lock<std::mutex> lock(m_lock);
    while (!m_stopped.wait_for(lock, 100ms, [this] { return m_stop; }))
    {
        uint32 const loop = World::m_worldLoopCounter;
        stuck = loop == lastLoop ? stuck + 100ms : 0ms;
        lastLoop = loop;

        if (stuck >= m_maxCoreStuckTime)
        {
            TC_LOG_ERROR("server.worldserver", "World Thread hangs for {} ms, forcing a crash!", stuck.count());
            ABORT_MSG("World Thread hangs for {} ms, forcing a crash!", stuck.count());
        }
    }
}

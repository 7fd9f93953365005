#include "EventProcessor.h"

void EventProcessor::Update(uint32 p_time)
{
    m_time += p_time;

    while (!m_events.empty() && m_events.begin()->first <= m_time)
    {
        // Out of the map first: an event may add others or kill them all.
        std::unique_ptr<BasicEvent> event = std::move(m_events.begin()->second);
        m_events.erase(m_events.begin());

        if (!event->Execute(m_time))
            AddEventAtOffset(event.release(), 1ms);
    }
}

void EventProcessor::AddEventAtOffset(BasicEvent* event, Milliseconds offset)
{
    m_events.emplace(m_time + offset.count(), event);
}

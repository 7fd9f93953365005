#ifndef TRINITYCORE_EVENT_PROCESSOR_H
#define TRINITYCORE_EVENT_PROCESSOR_H

#include "Define.h"
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

class BasicEvent
{
public:
    virtual ~BasicEvent() = default;

    /// Returns true when the event is done and can be deleted.
    virtual bool Execute(uint64 e_time) = 0;
};

template<typename T>
class LambdaBasicEvent : public BasicEvent
{
public:
    explicit LambdaBasicEvent(T callback) : m_callback(std::move(callback)) { }

    bool Execute(uint64 /*e_time*/) override
    {
        m_callback();
        return true;
    }

private:
    T m_callback;
};

class EventProcessor
{
public:
    void Update(uint32 p_time);
    void KillAllEvents() { m_events.clear(); }

    /// Takes ownership of the event.
    void AddEventAtOffset(BasicEvent* event, Milliseconds offset);

    template<typename T>
    std::enable_if_t<std::is_invocable_v<T>> AddEventAtOffset(T event, Milliseconds offset)
    {
        AddEventAtOffset(new LambdaBasicEvent<T>(std::move(event)), offset);
    }

private:
    uint64 m_time = 0;
    std::multimap<uint64, std::unique_ptr<BasicEvent>> m_events;
};

#endif

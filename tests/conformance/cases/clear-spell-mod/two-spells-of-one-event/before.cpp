#include "Twin.h"

class TwinEvent : public BasicEvent
{
public:
    TwinEvent(Spell* first, Spell* second) : m_first(first), m_second(second) { }

    ~TwinEvent() override
    {
        m_first->cancel();
        m_second->cancel();
        delete m_first;
        delete m_second;
    }

private:
    Spell* m_first;
    Spell* m_second;
};

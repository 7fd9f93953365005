#include "Spell.h"

class CastEvent : public BasicEvent
{
public:
    explicit CastEvent(Spell* cast) : m_cast(cast) { }

    ~CastEvent() override
    {
        m_cast->cancel();
        delete m_cast;
    }

private:
    Spell* m_cast;
};

#include "Twin.h"

class TwinEvent : public BasicEvent
{
public:
    TwinEvent(Spell* first, Spell* second) : m_first(first), m_second(second) { }

    ~TwinEvent() override
    {
        m_first->cancel();
        m_second->cancel();
        if (Player* player = m_first->GetCaster()->ToPlayer())
            player->SetSpellModTakingSpell(m_first, false);
        delete m_first;
        if (Player* player = m_second->GetCaster()->ToPlayer())
            player->SetSpellModTakingSpell(m_second, false);
        delete m_second;
    }

private:
    Spell* m_first;
    Spell* m_second;
};

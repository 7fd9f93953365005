#include "boss_gate.h"

struct boss_gateAI : public BossAI
{
    boss_gateAI(Creature* creature) : BossAI(creature, DATA_GATE) { }

    void DoAction(int32 action) override
    {
        Creature* helper = ObjectAccessor::GetCreature(*me, _helperGUID);
        if (action == ACTION_START)
        {
            instance->SetBossState(DATA_GATE, IN_PROGRESS);
            if (helper)
                helper->AI()->DoAction(ACTION_HELP);
            _started = true;
            events.ScheduleEvent(EVENT_OPEN, 5s);
        }
        else if (helper)
            helper->DespawnOrUnsummon();
    }

private:
    ObjectGuid _helperGUID;
    bool _started = false;
};

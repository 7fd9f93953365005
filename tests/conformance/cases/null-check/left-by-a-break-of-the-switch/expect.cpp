#include "BotTrainer.h"

void BotTrainer::Handle(Player* bot, uint8 op)
{
    switch (op)
    {
        case 0:
            bot->Say("hm");
            break;
        case 1:
            Creature* trainer = FindTrainer(bot);
            if (!trainer)
                break;

            uint32 cost = trainer->GetCost(bot);
            bot->ModifyMoney(-int32(cost));
            trainer->Teach(bot);
            break;
    }
    m_busy.erase(bot->GetGUID());
}

#include "BotTradeAction.h"

bool BotTradeAction::Execute(Event event)
{
    Player* partner = event.GetOwner();
    Item* item = FindOffered();
    if (!item)
        return false;

    if (!partner)
        return false;

    partner->OfferItem(item);
    botAI->SetNextCheckDelay(500);
    return true;
}

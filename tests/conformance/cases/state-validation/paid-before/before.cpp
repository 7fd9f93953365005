#include "TaxiAction.h"

bool TaxiAction::Execute(Event /*event*/)
{
    if (!bot->HasEnoughMoney(_cost))
        return false;

    bot->ModifyMoney(-int32(_cost));
    bot->GetMap()->SpawnTaxiFor(bot, _path);
    bot->UpdateAchievementCriteria(ACHIEVEMENT_CRITERIA_TYPE_FLIGHT_PATHS_TAKEN, 1);
    return true;
}

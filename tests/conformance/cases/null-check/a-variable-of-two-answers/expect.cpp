#include "TradeRules.h"

bool TradeRules::IsBlocked(Player* player, Item const* item)
{
    Group* group = player->GetGroup();
    bool blocked = (group && group->IsRaidGroup()) || item->IsSoulBound();
    if (blocked)
        player->SendEquipError(EQUIP_ERR_CANT_DO_RIGHT_NOW, item);
    return blocked;
}

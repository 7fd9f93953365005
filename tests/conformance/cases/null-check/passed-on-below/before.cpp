static uint32 PriceOf(Item const* item)
{
    return item->GetTemplate()->SellPrice * item->GetCount();
}

void Pump::Hand(Player* bot, uint8 slot)
{
    Item* item = bot->GetItemByPos(slot);
    item->SetState(ITEM_CHANGED, bot);
    bot->MoveItemFromInventory(item->GetBagSlot(), slot, true);
    bot->ModifyMoney(PriceOf(item));
}

uint32 Trade::Fee(Item* item)
{
    if (item->IsQuestItem())
        return 5;

    return item->GetPrice() / 20;
}

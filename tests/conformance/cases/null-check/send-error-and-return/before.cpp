void Handlers::Buy(Player* player, uint32 entry)
{
    ItemTemplate const* proto = sObjectMgr->GetItemTemplate(entry);
    if (!player)
        return;

    if (proto->BuyPrice > player->GetMoney())
    {
        SendError(BUY_ERR_NOT_ENOUGHT_MONEY);
        return;
    }
    player->ModifyMoney(-int64(m_price));
}

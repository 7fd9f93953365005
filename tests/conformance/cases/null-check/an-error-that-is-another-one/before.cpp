TradeResult Trade::Check(Item* item)
{
    if (item->IsSoulBound())
        return TRADE_ERR_BOUND;

    if (item->GetCount() == 0)
        return TRADE_ERR_NONE_LEFT;

    return TRADE_OK;
}

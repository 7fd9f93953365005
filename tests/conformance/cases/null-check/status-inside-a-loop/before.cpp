TradeResult Trade::CheckAll()
{
    for (Item* item : m_items)
    {
        if (item->IsSoulBound())
            return TRADE_ERR_BOUND;
    }
    return TRADE_OK;
}

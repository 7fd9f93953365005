Trade::State Trade::Open(Player* other)
{
    if (!other)
        return State::NoPartner;

    TradeData* data = other->GetTradeData();
    if (!data)
        return State::NoPartner;

    data->SetAccepted(false);
    return State::Ok;
}

Trade::State Trade::Open(Player* other)
{
    if (!other)
        return State::NoPartner;

    TradeData* data = other->GetTradeData();
    data->SetAccepted(false);
    return State::Ok;
}

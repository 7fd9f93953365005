uint32 Taxi::NearestCost(Position const& from) const
{
    if (m_nodes.empty())
        return MAX_TAXI_COST;

    TaxiNode const* node = FindNearest(from);
    if (!node)
        return MAX_TAXI_COST;

    uint32 const base = node->GetCost();
    return base + m_fee;
}

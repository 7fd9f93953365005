uint32 Taxi::NearestCost(Position const& from) const
{
    if (m_nodes.empty())
        return MAX_TAXI_COST;

    TaxiNode const* node = FindNearest(from);
    uint32 const base = node->GetCost();
    return base + m_fee;
}

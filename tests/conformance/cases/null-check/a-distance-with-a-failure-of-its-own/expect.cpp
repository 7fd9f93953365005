float Nav::DistanceTo(uint32 nodeId) const
{
    if (!m_isLoaded)
        return std::numeric_limits<float>::max();

    NavNode const* node = Find(nodeId);
    if (!node)
        return std::numeric_limits<float>::max();

    return node->Distance(m_here);
}

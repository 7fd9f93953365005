float Nav::DistanceTo(uint32 nodeId) const
{
    NavNode const* node = Find(nodeId);
    return node->Distance(m_here);
}
